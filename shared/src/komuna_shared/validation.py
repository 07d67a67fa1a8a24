"""What pydantic refused, told without repeating any of it."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic_core import core_schema

from komuna_shared.errors import BadRequestError, FieldError, NotFoundError, RuleError, ServiceError
from komuna_shared.languages import own

_MAX_ERRORS = 50
PYDANTICS = frozenset(get_args(core_schema.ErrorType))


class InvalidParameterError(BadRequestError):
    """A parameter of the query or a header has no readable value."""

    code = "invalid_parameter"
    detail = "A parameter cannot be read. The list of errors says which and why."


class InvalidBodyError(RuleError):
    """The body is JSON, but not what this address needs."""

    code = "invalid_body"
    detail = "The body is not what this address needs. The list of errors says where and why."


class UnknownFieldError(RuleError):
    """The body has fields that nobody would read."""

    code = "unknown_field"
    detail = "The body has a field that this address does not know."


def as_service_error(invalid: RequestValidationError, api: FastAPI) -> ServiceError:
    """Return the error that a caller sees; places are named only by names of our own."""
    found = invalid.errors()[:_MAX_ERRORS]
    places = {str(one["loc"][0]) for one in found if one["loc"]}
    if "path" in places:
        # An identifier that cannot exist is as absent as one that does not.
        return NotFoundError()
    known = _known_names(api)
    errors = tuple(_field(one, known) for one in found)
    if places - {"body"}:
        return InvalidParameterError(errors=errors)
    if all(one.code == "unknown_field" for one in errors):
        return UnknownFieldError(errors=errors)
    if all(one.code not in PYDANTICS | {"unknown_field"} for one in errors):
        return RuleError(errors=errors)
    return InvalidBodyError(errors=errors)


def _field(one: dict[str, Any], known: frozenset[str]) -> FieldError:
    place = list(one["loc"])
    code = str(one["type"])
    if code == "extra_forbidden":
        # The last part is the unknown name itself, and the caller chose it.
        place, code = place[:-1], "unknown_field"
    place = place[1:] if place[:1] == ["body"] else place
    return FieldError(_pointer(place, known), code, own(one["msg"]))


def _pointer(place: Sequence[str | int], known: frozenset[str]) -> str:
    parts = (str(part) if isinstance(part, int) or part in known else "*" for part in place)
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _known_names(api: FastAPI) -> frozenset[str]:
    names = getattr(api.state, "known_names", None)
    if names is None:
        names = api.state.known_names = frozenset(_names(api.openapi())) | {"query", "header"}
    return names


def _names(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        if isinstance(document.get("properties"), dict):
            yield from document["properties"]
        if "in" in document and isinstance(document.get("name"), str):
            yield document["name"]
            # FastAPI names a header by its variable where the document has its public name.
            yield document["name"].lower()
        for inner in document.values():
            yield from _names(inner)
    elif isinstance(document, list):
        for inner in document:
            yield from _names(inner)
