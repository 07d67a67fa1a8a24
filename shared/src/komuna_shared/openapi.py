"""The OpenAPI document of a service: who may call what, and every problem it may answer with."""

from collections.abc import Iterator
from importlib import resources
from importlib.util import find_spec
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from komuna_shared.errors import ServiceError
from komuna_shared.languages import LANGUAGES, translate
from komuna_shared.openapi_operations import PARAMETERS, complete
from komuna_shared.parameters import FASTAPIS_OWN, described
from komuna_shared.routing import Route, RouteTable

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
    for own in FASTAPIS_OWN:
        schemas.pop(own, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    components["parameters"] = PARAMETERS
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "at+jwt"}
    }
    made["x-problems"] = list_problems()
    for route in table.routes:
        for method in route.methods:
            operation = made["paths"].get(route.template, {}).get(method.lower())
            if operation is not None:
                _add_parameters(operation, route, schemas)
                complete(operation, route, method)
    _exemplify(schemas, _examples(api.state.name))
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


def _add_parameters(operation: dict[str, Any], route: Route, schemas: dict[str, Any]) -> None:
    for model in route.models:
        parameters, used = described(model)
        operation.setdefault("parameters", []).extend(parameters)
        schemas.update(used)


def _examples(name: str) -> dict[str, Any]:
    """Return what a member really answered with, by the name of the schema."""
    member = f"komuna_{name}"
    file = resources.files(member) / "examples.json" if find_spec(member) else None
    if file is None or not file.is_file():
        return {}
    found: dict[str, Any] = orjson.loads(file.read_bytes())
    return found


def _exemplify(schemas: dict[str, Any], examples: dict[str, Any]) -> None:
    for name, schema in schemas.items():
        if name in examples:
            # Here a null stays: FastAPI leaves those out of the examples that it copies.
            schema["examples"] = [examples[name]]
        elif schema.get("enum"):
            schema.setdefault("examples", schema["enum"][:1])
