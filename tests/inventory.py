"""What there is to document: settings, error codes, commands, words of make, operations."""

import ast
import importlib
import os
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar
from unittest import mock

import typer.main
from fastapi import FastAPI
from pydantic.fields import FieldInfo

from komuna_shared.app import serve
from komuna_shared.errors import ServiceError
from komuna_shared.imports.sentences import SENTENCES
from komuna_shared.problems import FIELD_SENTENCES, OTHER_SENTENCE
from komuna_shared.settings import Environment
from tests import lints
from tests.databases import BLIND_INDEX_KEY, ROOT_KEY
from tests.lints import ROOT, Module

MEMBERS = (
    "komuna_shared",
    "komuna_gateway",
    "komuna_registry",
    "komuna_indicators",
    "komuna_referrals",
    "komuna_deploy",
)
SERVICES = ("registry", "indicators", "referrals")

SUFFIXES = {".py", ".sh", ".yml", ""}
# Words of a sentence, a number in the code, and what one of our programs says to the next.
NOT_SETTINGS = {"KOMUNA_X", "KOMUNA_X_FILE", "KOMUNA_USER", "KOMUNA_NO_INDEX"}
NOT_SETTINGS |= {"KOMUNA_BOOTSTRAP_LOCKED"}

# Where the constructors of a wrong place have its code; the sentence comes next.
PLACES = {
    "FieldError": 1,
    "RowProblem": 2,
    "CellProblem": 1,
    "SheetProblem": 1,
    "PydanticCustomError": 0,
}

# Enough for a service to build its routes; nothing is connected to.
ENVIRONMENT = {
    "KOMUNA_ISSUER": "http://127.0.0.1:8100",
    "KOMUNA_JWKS_URL": "http://127.0.0.1:8100/jwks.json",
    "KOMUNA_DATABASE_URL": "postgresql+asyncpg://app@127.0.0.1/komuna",
    "KOMUNA_KEYSTORE_URL": "postgresql+asyncpg://app@127.0.0.1/keystore_referrals",
    "KOMUNA_KEYSTORE_ROOT_KEY": ROOT_KEY.get_secret_value(),
    "KOMUNA_BLIND_INDEX_KEY": BLIND_INDEX_KEY.get_secret_value(),
    "KOMUNA_CURSOR_KEY": "no cursor is ever signed with this",
}
Ancestor = TypeVar("Ancestor")


def modules(member: str) -> Iterator[ModuleType]:
    """Import every module of a member, except programs and migrations, which act when imported."""
    package = importlib.import_module(member)
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{member}."):
        if ".migrations" not in found.name and not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _import_everything() -> None:
    for member in MEMBERS:
        for _ in modules(member):
            pass


def _descendants(ancestor: type[Ancestor]) -> Iterator[type[Ancestor]]:
    for child in ancestor.__subclasses__():
        if child.__module__.startswith("komuna_"):
            yield child
        yield from _descendants(child)


def errors() -> list[type[ServiceError]]:
    """Return the kinds of failure of all members, by status and code."""
    _import_everything()
    found: set[type[ServiceError]] = {ServiceError, *_descendants(ServiceError)}
    return sorted(found, key=lambda kind: (kind.status, kind.code, kind.__qualname__))


def places(module: Module) -> Iterator[tuple[str, str]]:
    """Yield the code and the sentence of every wrong place that a module can name."""
    tree = module.tree
    known = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        at = PLACES.get(getattr(node.func, "id", "")) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and at is not None:
            given = [_text(one, known) for one in node.args[at : at + 2]]
            given += [_text(one.value, known) for one in node.keywords if one.arg == "detail"]
            code, sentence = [*given, "", ""][:2]
            if code:
                yield code, sentence


def _text(node: ast.expr, known: Mapping[str, Any]) -> str:
    if isinstance(node, ast.Name):
        return str(known.get(node.id, ""))
    return str(node.value) if isinstance(node, ast.Constant) else ""


def place_codes() -> dict[str, list[str]]:
    """Return what each code of a wrong place or row means, in every sentence that says it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for code, sentence in (FIELD_SENTENCES | SENTENCES).items():
        found[code].add(sentence)
    said: defaultdict[str, set[str]] = defaultdict(set)
    for kind in errors():
        if "code" in vars(kind):
            said[kind.code].add(kind.detail)
    for module in lints.modules():
        if module.in_member:
            for code, sentence in places(module):
                # Where a place says nothing of its own, the error with its code does.
                found[code] |= {sentence} if sentence else said[code]
    return {
        code: sorted(sentences) or [OTHER_SENTENCE] for code, sentences in sorted(found.items())
    }


@dataclass(frozen=True)
class Variable:
    """One environment variable that processes read."""

    name: str
    field: FieldInfo
    readers: tuple[str, ...]


def variables() -> list[Variable]:
    """Return every `KOMUNA_*` variable that a settings class declares, with who reads it."""
    _import_everything()
    found: dict[str, tuple[FieldInfo, set[str]]] = {}
    for settings in _descendants(Environment):
        member = settings.__module__.split(".")[0].removeprefix("komuna_")
        for name, field in settings.model_fields.items():
            found.setdefault(f"KOMUNA_{name.upper()}", (field, set()))[1].add(member)
    return [Variable(name, field, tuple(sorted(by))) for name, (field, by) in sorted(found.items())]


def named_variables() -> set[str]:
    """Return every `KOMUNA_*` name that our code and deployment files say."""
    folders = [ROOT / name for name in ("shared", "gateway", "services", "deploy")]
    found = [file for folder in folders for file in folder.rglob("*")]
    files = [file for file in found if file.suffix in SUFFIXES and "secrets" not in file.parts]
    files.append(ROOT / "docker-compose.yml")
    texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    names = {name for text in texts for name in re.findall(r"\bKOMUNA_[A-Z][A-Z_]*[A-Z]\b", text)}
    return names - NOT_SETTINGS


@dataclass(frozen=True)
class Command:
    """One command of the operator."""

    words: str
    command: Any


def commands() -> list[Command]:
    """Return every command of `./komuna`."""
    main = importlib.import_module("komuna_deploy.main")
    return list(_walk("komuna", typer.main.get_command(main.commands)))


def _walk(words: str, command: Any) -> Iterator[Command]:
    if hasattr(command, "commands"):
        for name, below in sorted(command.commands.items()):
            if not below.hidden:
                yield from _walk(f"{words} {name}", below)
    else:
        yield Command(words, command)


def make_words() -> dict[str, str]:
    """Return the words of make with their help."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+):.*?## (.*)$", makefile, re.MULTILINE))


@contextmanager
def environment() -> Iterator[None]:
    """Set what a service needs to build its routes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOMUNA_")}
    with mock.patch.dict(os.environ, kept | ENVIRONMENT, clear=True):
        yield


def api(service: str) -> FastAPI:
    """Build the API of a service as it is served, connected to nothing."""
    main = importlib.import_module(f"komuna_{service}.main")
    with environment():
        built: FastAPI = main.create_api()
        serve(built)
    return built


def document(service: str) -> Mapping[str, Any]:
    """Return the OpenAPI document of a service."""
    return api(service).openapi()
