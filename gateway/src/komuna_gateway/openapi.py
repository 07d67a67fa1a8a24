"""One OpenAPI document out of the services' own, and the page of problems they can answer with."""

import asyncio
from collections.abc import Mapping
from copy import deepcopy
from hashlib import sha256
from time import monotonic
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from komuna_gateway.openapi_30 import downgrade
from komuna_gateway.proxy import Service
from komuna_gateway.transport import Outgoing, UpstreamError
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, answer_bytes
from komuna_shared.openapi_operations import PARAMETERS

router = APIRouter(redirect_slashes=False)

FRESH_SECONDS = 60.0
RETRY_SECONDS = 2.0
FETCH_SECONDS = 3.0
MOST_BYTES = 16 * 1024 * 1024
# These mean the same in every document, so that a client has one type for them.
SHARED = frozenset({"Problem", "bearer", *PARAMETERS})

Document = dict[str, Any]


class Catalogue:
    """The services' documents, as last fetched."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._services = services
        self._documents: dict[str, Document] = {}
        self._due_at = 0.0
        self._lock = asyncio.Lock()

    async def documents(self) -> dict[str, Document | None]:
        """Return each service's document, or None while it was never to be had."""
        async with self._lock:
            if monotonic() >= self._due_at:
                await self._refresh()
            return {name: self._documents.get(name) for name in self._services}

    async def _refresh(self) -> None:
        fetched = await asyncio.gather(*(_fetch(one) for one in self._services.values()))
        for name, document in zip(self._services, fetched, strict=True):
            if document is not None:
                self._documents[name] = document
        self._due_at = monotonic() + (RETRY_SECONDS if None in fetched else FRESH_SECONDS)


@router.get("/openapi.json", include_in_schema=False, dependencies=[public()])
async def read_openapi(request: Request) -> Response:
    """Return one document for all services; what is missing in it is said in it."""
    return _answer(request, await _merged(request))


@router.get("/openapi-3.0.json", include_in_schema=False, dependencies=[public()])
async def read_openapi_30(request: Request) -> Response:
    """Return the same document for tools that know OpenAPI 3.0."""
    return _answer(request, downgrade(await _merged(request)))


def merge(own: Document, documents: Mapping[str, Document | None]) -> Document:
    """Return one document: paths under the service's name, components named apart."""
    merged = deepcopy(own)
    merged.pop("x-problems", None)
    components = merged.setdefault("components", {})
    for service, document in documents.items():
        if document is None:
            continue
        for path, operations in document.get("paths", {}).items():
            merged["paths"][f"/{service}{path}"] = _renamed(operations, service)
        for section, named in document.get("components", {}).items():
            target = components.setdefault(section, {})
            target.update(
                {_name(key, service): _renamed(one, service) for key, one in named.items()}
            )
    missing = [service for service, document in documents.items() if document is None]
    if missing:
        merged["x-missing-services"] = missing
        merged["info"]["description"] += f"\n\nNot described at the moment: {', '.join(missing)}."
    return merged


async def _merged(request: Request) -> Document:
    return merge(request.app.openapi(), await request.app.state.catalogue.documents())


def _answer(request: Request, document: Document) -> Response:
    body = orjson.dumps(document)
    tag = f'"{sha256(body).hexdigest()[:22]}"'
    return answer_bytes(request, body, media_type="application/json", tag=tag, cache=PUBLIC)


def _renamed(value: Any, service: str) -> Any:
    if isinstance(value, list):
        return [_renamed(one, service) for one in value]
    if isinstance(value, str):
        return _reference(value, service)
    if not isinstance(value, dict):
        return value
    renamed = {key: _renamed(one, service) for key, one in value.items()}
    if "operationId" in renamed and "responses" in renamed:
        renamed["operationId"] = _operation(renamed["operationId"], service)
        renamed["tags"] = [f"{service} {tag}" for tag in renamed.get("tags", [])] or [service]
    return renamed


def _reference(text: str, service: str) -> str:
    if not text.startswith("#/components/"):
        return text
    head, _, name = text.rpartition("/")
    return f"{head}/{_name(name, service)}"


def _name(name: str, service: str) -> str:
    return name if name in SHARED else f"{service.capitalize()}{name[:1].upper()}{name[1:]}"


def _operation(name: str, service: str) -> str:
    """Put the service after the verb: `listChanges` becomes `listRegistryChanges`."""
    at = next((i for i, letter in enumerate(name) if letter.isupper()), len(name))
    return f"{name[:at]}{service.capitalize()}{name[at:]}"


async def _fetch(service: Service) -> Document | None:
    try:
        answer = await service.transport.send(Outgoing("GET", "/openapi.json", [], FETCH_SECONDS))
        try:
            body = b""
            while piece := await answer.read():
                body += piece
                if len(body) > MOST_BYTES:
                    return None
        finally:
            await answer.close()
        document = orjson.loads(body)
    except (UpstreamError, ValueError):
        return None
    is_whole = answer.status == 200 and isinstance(document, dict) and "paths" in document  # noqa: PLR2004
    return document if is_whole else None
