"""The OpenAPI document of a service: who may call what, and every problem it may answer with."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from komuna_shared.errors import (
    BadRequestError,
    ForbiddenError,
    NotAcceptableError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    RuleError,
    ServiceError,
    TooLargeError,
    TooManyRequestsError,
    UnauthorizedError,
    UnavailableError,
    UnsupportedMediaTypeError,
)
from komuna_shared.languages import LANGUAGES, translate
from komuna_shared.problems import MEDIA_TYPE
from komuna_shared.routing import Route, RouteTable

_ALWAYS: tuple[type[ServiceError], ...] = (
    BadRequestError,
    NotAcceptableError,
    TooManyRequestsError,
    ServiceError,
    UnavailableError,
)
_REFERENCE = {"schema": {"$ref": "#/components/schemas/Problem"}}
_TEXT = {"type": "string"}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457), in the caller's language.",
    "required": ["type", "title", "status", "detail", "instance", "code", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "A page about the code."},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": {"type": "string", "format": "uri"},
        "code": {"type": "string", "description": "Stable; branch on this."},
        "trace_id": {"type": "string", "format": "uuid"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {"pointer": _TEXT, "code": _TEXT, "detail": _TEXT},
            },
        },
    },
    "examples": [
        {
            "type": "http://localhost:8080/problems/not_found",
            "title": "Not found",
            "status": 404,
            "detail": "There is nothing here that you may see.",
            "instance": "urn:uuid:0b5fdb9e-8c3a-4d0e-9a51-5c7f6d0c2b11",
            "code": "not_found",
            "trace_id": "0b5fdb9e-8c3a-4d0e-9a51-5c7f6d0c2b11",
        }
    ],
}


def operation_id(route: APIRoute) -> str:
    """Return the name of a route's function in camel case: a verb, then its noun."""
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def document(api: FastAPI, table: RouteTable) -> dict[str, Any]:
    """Return the document, made once."""
    if api.openapi_schema is None:
        api.openapi_schema = _make(api, table)
    return api.openapi_schema


def _make(api: FastAPI, table: RouteTable) -> dict[str, Any]:
    made = get_openapi(
        title=api.title,
        version=api.version,
        description=api.description,
        routes=api.routes,
        servers=api.servers,
        tags=api.openapi_tags,
    )
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for own in ("HTTPValidationError", "ValidationError"):
        schemas.pop(own, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "at+jwt"}
    }
    made["x-problems"] = list_problems()
    for route in table.routes:
        for method in route.methods:
            operation = made["paths"].get(route.template, {}).get(method.lower())
            if operation is not None:
                _complete(operation, route)
    return made


def list_problems() -> list[dict[str, Any]]:
    """Return every problem this process may answer with, in every language."""
    kinds = sorted(_kinds(ServiceError), key=lambda kind: kind.code)
    return [
        {
            "code": kind.code,
            "status": kind.status,
            "title": {one: translate(kind.title, one) for one in LANGUAGES},
            "detail": {one: translate(kind.detail, one) for one in LANGUAGES},
        }
        for kind in kinds
    ]


def _kinds(kind: type[ServiceError]) -> Iterator[type[ServiceError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


def _complete(operation: dict[str, Any], route: Route) -> None:
    access = route.access
    operation["security"] = [] if access.is_public else [{"bearer": list(access.scopes)}]
    answers = operation.setdefault("responses", {})
    # FastAPI lists its own 422 wherever there is any parameter; ours is listed where it occurs.
    if "HTTPValidationError" in str(answers.get("422", "")):
        del answers["422"]
    for kind in _problems(operation, route):
        answers.setdefault(str(kind.status), {"description": kind.title})
    for status, described in answers.items():
        if status >= "4":
            described.setdefault("description", "A problem.")
            described["content"] = {MEDIA_TYPE: _REFERENCE}
    operation["responses"] = dict(sorted(answers.items()))


def _problems(operation: dict[str, Any], route: Route) -> list[type[ServiceError]]:
    kinds = list(_ALWAYS)
    if not route.access.is_public:
        kinds += [UnauthorizedError, ForbiddenError]
    parameters = operation.get("parameters", [])
    if any(one["in"] == "path" for one in parameters):
        kinds.append(NotFoundError)
    if any(one["name"].lower() == "if-match" for one in parameters):
        kinds += [PreconditionFailedError, PreconditionRequiredError]
    if "requestBody" in operation:
        kinds += [TooLargeError, UnsupportedMediaTypeError, RuleError]
    return kinds
