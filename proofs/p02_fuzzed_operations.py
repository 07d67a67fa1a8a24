"""Whatever an operation is asked, its answer is one that its document promises."""

import shutil
from typing import Any

import httpx

from komuna_deploy.postgres import cluster
from proofs.fuzzing import Found, fuzz, operations, refuse_unknown, shares, whole_document
from proofs.killable import ADMINISTRATOR, Registry, new_folder
from tests.deploy.programs import free_port_base
from tests.system.conftest import started, stopped

ID = 2
NAME = "every operation answers only what its document promises"
CANARY = "echoes_input"
DEMANDED = {"missed": 0, "requests": 3000, "wrong": 0, "took_unknown": 0}

_EXAMPLES = 6
_FEWER = 3


def broken(figures: dict[str, Any]) -> list[str]:
    """Return which demands the figures of a run do not meet."""
    less = ["requests"] if figures["requests"] < DEMANDED["requests"] else []
    none = [name for name in ("missed", "wrong", "took_unknown") if figures[name]]
    return less + none


def caught(figures: dict[str, Any]) -> bool:
    """Tell whether the answers that no document promises were seen."""
    return bool(figures["wrong"] > 0)


def run(seed: int, *, mutant: str | None) -> dict[str, Any]:
    """Ask everything, at the whole of Komuna, or at one broken registry."""
    return _whole(seed) if mutant is None else _one(seed, mutant)


def _whole(seed: int) -> dict[str, Any]:
    folder = new_folder()
    stack = started(folder / "home", free_port_base())
    try:
        document = whole_document(stack.url)
        found = Found()
        took: list[str] = []
        for role, asked in shares(document).items():
            headers = _headers(stack.token(role))
            found.add(
                fuzz(document, stack.url, headers, seed=seed, examples=_EXAMPLES, asked=asked)
            )
            headers = _headers(stack.token(role))
            with httpx.Client(base_url=stack.url, headers=headers, trust_env=False) as client:
                took += refuse_unknown(asked, client)
        return _figures(document, found, took)
    finally:
        stopped(stack)
        for name in ("main", "keystore"):
            cluster.remove(folder / "home" / "postgres" / name)
        shutil.rmtree(folder, ignore_errors=True)


def _one(seed: int, mutant: str) -> dict[str, Any]:
    registry = Registry(f"proofs.mutants:{mutant}", new_folder())
    try:
        registry.wait()
        document = httpx.get(f"{registry.url}/openapi.json", trust_env=False, timeout=60).json()
        scopes = ["registry.me.read", "registry.assignments.read", "registry.assignments.write"]
        headers = _headers(registry.issuer.token(ADMINISTRATOR, scopes))
        found = fuzz(document, registry.url, headers, seed=seed, examples=_FEWER)
        return _figures(document, found, [])
    finally:
        registry.close()


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _figures(document: dict[str, Any], found: Found, took: list[str]) -> dict[str, Any]:
    known = operations(document).keys()
    missed = known - found.operations
    for line in [*sorted(missed), *took, *(one for one, _ in found.failures.most_common(10))]:
        print(f"    {line}")
    return {
        "operations": len(found.operations & known),
        "done": len(found.done & known),
        "missed": len(missed),
        "requests": found.requests,
        "wrong": found.failures.total(),
        "took_unknown": len(took),
    }
