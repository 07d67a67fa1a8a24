# Every word of this project. `make` alone prints them.

SHELL := /bin/sh
BIN := .venv/bin
MEMBERS := komuna-shared komuna-gateway komuna-registry komuna-indicators komuna-referrals komuna-deploy
SOURCES := shared/src gateway/src services/registry/src services/indicators/src \
	services/referrals/src deploy tests benchmarks proofs
# Tests that read the code and the docs, and start nothing.
STATIC := tests/test_architecture.py tests/test_routes.py tests/test_catalogues.py \
	tests/test_docs.py tests/test_locks.py
UV := sh deploy/bootstrap.sh uv
# Hashes and no index: a lock must work with whatever index a machine has.
COMPILE := $(UV) pip compile -q pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header $(MEMBERS:%=--no-emit-package %)

.PHONY: help setup run test images check format migration reference openapi bench proofs lock upgrade clean

help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: ## Install what running and developing need; every other word does it by itself.
	@sh deploy/bootstrap.sh dev

run: ## Start all of Komuna with its data; Ctrl-C stops it, the data stays.
	@./komuna up

test: setup ## Run all tests on Postgres servers of their own; ARGS="-k resolve" runs some.
ifdef ARGS
	@$(BIN)/pytest -m "not images" $(ARGS)
else
	@$(BIN)/pytest -m "not images and not clock" --numprocesses=2 --dist=loadfile
	@$(BIN)/pytest -m clock
endif

images: setup ## Build every image with buildah and start what is in it; wants root, takes minutes.
	@$(BIN)/pytest -m images tests/deploy $(ARGS)

check: setup ## Run what needs no Postgres: format, lint, types, contracts, docs, locks.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(wildcard $(SOURCES))
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q $(STATIC)
	@mkdir -p build && cp requirements.lock requirements-dev.lock build/
	@$(COMPILE) -o build/requirements.lock
	@$(COMPILE) --group dev -c requirements.lock -o build/requirements-dev.lock
	@for lock in requirements.lock requirements-dev.lock; do cmp -s $$lock build/$$lock || \
		{ echo "$$lock is behind the pyproject files: make lock" >&2; exit 1; }; done

format: setup ## Format the code and mend what ruff can mend.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

migration: setup ## Write a migration from the models: SERVICE=registry NAME=add_facility.
	@$(BIN)/python -m tests.new_migration $(SERVICE) $(NAME)

reference: setup ## Write the generated pages of docs/reference anew.
	$(BIN)/python -m tests.reference

openapi: setup ## Write the merged OpenAPI document to build/openapi.json.
	$(BIN)/python -m tests.openapi

bench: setup ## Measure against peers on this machine; writes benchmarks/report.json.
	$(BIN)/python -m benchmarks $(ARGS)
	@$(BIN)/python -m tests.measured

proofs: setup ## Break things on purpose; PROOF=7 runs one. Writes proofs/report.json.
	$(BIN)/python -m proofs $(PROOF) $(ARGS); found=$$?; $(BIN)/python -m tests.measured; exit $$found

lock: ## Resolve the locks anew, keeping every version that may stay.
	@$(COMPILE) -o requirements.lock
	@$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock

upgrade: ## Resolve the locks anew, taking the newest versions.
	@$(COMPILE) --upgrade -o requirements.lock
	@$(COMPILE) --upgrade --group dev -c requirements.lock -o requirements-dev.lock

clean: ## Remove what the tools made; the data in .komuna stays.
	rm -rf .venv .tools build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
