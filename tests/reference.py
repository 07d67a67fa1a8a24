"""Writes the pages of docs/reference that are taken from the code: python -m tests.reference."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from komuna_shared.errors import ServiceError
from tests import inventory
from tests.lints import ROOT

FOLDER = ROOT / "docs" / "reference"
WRITTEN = "*Written by `make reference`.*"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(text: str) -> str:
    return f"`{text}`"


def errors_page() -> Iterator[str]:
    """Say what each error code means; the sentences are those a caller reads in English."""
    yield from (
        "# Error codes",
        WRITTEN,
        "",
        "Every error is an `application/problem+json` document. Branch on `code`: titles and",
        "sentences are in the caller's language and may be reworded. `trace_id` finds the answer",
        "in the logs. `errors[]` names places by JSON pointer, never what stood there; how to put",
        "each beside its field: [show what is wrong](../how-to/show-what-is-wrong.md).",
        "",
        _row("status", "code", "meaning"),
        _row("---", "---", "---"),
    )
    # What keeps a code that every feature shares only says more closely what it is about.
    kinds = [kind for kind in inventory.errors() if _code_is_its_own(kind)]
    for status, code, title, detail in sorted(
        {(k.status, k.code, k.title, k.detail) for k in kinds}
    ):
        yield _row(str(status), _code(code), f"{title}. {detail}")
    yield from (
        "",
        "## Codes of places and rows",
        "",
        "In `errors[]`, and in the problems of an import. A code that is not listed comes from the",
        "form of a field: its name says what was expected.",
        "",
        _row("code", "meaning"),
        _row("---", "---"),
    )
    for code, sentences in inventory.place_codes().items():
        for sentence in sentences:
            yield _row(_code(code), sentence)


def _code_is_its_own(kind: type[ServiceError]) -> bool:
    owner = next(one for one in kind.__mro__ if "code" in vars(one))
    return owner is kind or owner.__module__ != ServiceError.__module__


def _option(parameter: Any) -> str:
    names = parameter.opts + parameter.secondary_opts
    if parameter.param_type_name == "argument":
        return _code(str(parameter.name).upper())
    return " / ".join(_code(name) for name in names)


def commands_page() -> Iterator[str]:
    """Say what each command does and takes."""
    yield from (
        "# Commands",
        WRITTEN,
        "",
        "`./komuna` in the root of the checkout runs the operator's command.",
        "`./komuna COMMAND --help` says the same as this page.",
    )
    for found in inventory.commands():
        yield from ("", f"## {found.words}", "", (found.command.help or "").strip())
        parameters = [one for one in found.command.params if one.name != "help"]
        if parameters:
            yield from ("", _row("takes", "what"), _row("---", "---"))
        for parameter in parameters:
            yield _row(_option(parameter), str(getattr(parameter, "help", "") or ""))


def make_page() -> Iterator[str]:
    """Say what each word of make does."""
    yield from ("# Words of make", WRITTEN, "", _row("word", "what it does"), _row("---", "---"))
    for word, meaning in inventory.make_words().items():
        yield _row(_code(f"make {word}"), meaning)


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                yield path, method.upper(), operation


def _token(operation: Mapping[str, Any]) -> str:
    scopes = {
        scope for need in operation.get("security", []) for one in need.values() for scope in one
    }
    if not operation.get("security"):
        return "none"
    if {} in operation["security"]:
        return " ".join(["none, or", *(_code(scope) for scope in sorted(scopes))])
    return " ".join(_code(scope) for scope in sorted(scopes)) or "any"


def operations_page() -> Iterator[str]:
    """List the operations of all services as the gateway offers them."""
    yield from (
        "# Operations",
        WRITTEN,
        "",
        "What the gateway offers, service by service. `/docs` has parameters, shapes and examples;",
        "`/openapi.json` is the same for programs.",
    )
    for service in ("gateway", *inventory.SERVICES):
        prefix = "" if service == "gateway" else f"/{service}"
        yield from (
            "",
            f"## {service}",
            "",
            _row("operation", "what it answers", "scope of the token"),
        )
        yield _row("---", "---", "---")
        for path, method, operation in _operations(inventory.document(service)):
            summary = (operation.get("description") or operation.get("summary") or "").strip()
            first = re.split(r"\n\n|(?<=\.)\s", summary)[0].replace("\n", " ")
            yield _row(_code(f"{method} {prefix}{path}"), first, _token(operation))


PAGES = {
    "errors.md": errors_page,
    "cli.md": commands_page,
    "make.md": make_page,
    "api.md": operations_page,
}


def page(name: str) -> str:
    """Return the text of a page."""
    return "\n".join(PAGES[name]()) + "\n"


def main() -> None:
    """Write all pages."""
    for name in PAGES:
        Path(FOLDER / name).write_text(page(name), encoding="utf-8")


if __name__ == "__main__":
    main()
