"""A service: its API on its database, behind the layers that every request passes."""

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import text
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from komuna_shared.access import public
from komuna_shared.boundary import Boundary, json_answer
from komuna_shared.database import Database
from komuna_shared.errors import UnavailableError
from komuna_shared.frame import Lifespan, create_frame
from komuna_shared.guard import AccessLayer
from komuna_shared.logging import error_of, log
from komuna_shared.metrics import MEDIA_TYPE, Metrics
from komuna_shared.openapi import document
from komuna_shared.routing import RouteTable
from komuna_shared.settings import ServiceSettings
from komuna_shared.tokens import bearer

_documents = APIRouter(redirect_slashes=False)


@_documents.get("/openapi.json", include_in_schema=False, dependencies=[public()])
async def read_openapi(request: Request) -> Response:
    """Return the OpenAPI document of this service."""
    return Response(orjson.dumps(request.app.openapi()), media_type="application/json")


def create_service(
    name: str,
    *,
    settings: ServiceSettings,
    routers: Sequence[APIRouter],
    lifespan: Lifespan | None = None,
    description: str = "",
) -> FastAPI:
    """Return the API of a service; `lifespan` adds what it opens beyond database and keys."""
    api = create_frame(
        name,
        settings=settings,
        routers=[*routers, _documents],
        lifespan=lifespan,
        description=description,
    )
    database = Database(settings.database_url.get_secret_value(), service=name)

    async def reaches_database() -> bool:
        return await reaches(database)

    api.state.database = database
    api.state.etag_key = settings.key("etag")
    api.state.checks = {"database": reaches_database}
    return api


def serve(api: FastAPI) -> ASGIApp:
    """Return what the server runs: the API behind access layer and boundary."""
    table = RouteTable(api)
    api.openapi = lambda: document(api, table)  # type: ignore[method-assign]
    metrics = Metrics()
    return Boundary(
        AccessLayer(api, table, api.state.verifier),
        settings=api.state.settings,
        metrics=metrics,
        endpoints=_endpoints(api, metrics),
    )


async def reaches(database: Database) -> bool:
    """Tell whether the database answers."""
    try:
        async with database.reader(queues=False) as connection:
            await connection.execute(text("select 1"))
    except Exception as failure:  # noqa: BLE001 -- whatever it is, the database is not reached.
        log.warning("not_ready", **error_of(failure))
        return False
    return True


def _endpoints(api: FastAPI, metrics: Metrics) -> dict[str, Any]:
    state = api.state

    async def livez(_: Scope) -> tuple[int, str, bytes]:
        return json_answer(200, {"status": "ok"})

    async def readyz(scope: Scope) -> tuple[int, str, bytes]:
        checks = {name: await check() for name, check in state.checks.items()}
        checks["keys"] = state.verifier.is_ready
        is_ready = all(checks.values())
        if scope["query_string"] in {b"verbose", b"verbose="} and await _is_ops(scope, state):
            return json_answer(200 if is_ready else 503, {"checks": checks})
        if not is_ready:
            raise UnavailableError
        return json_answer(200, {"status": "ok"})

    async def running(_: Scope) -> tuple[int, str, bytes]:
        return json_answer(200, {"service": state.name, "version": api.version})

    async def figures(_: Scope) -> tuple[int, str, bytes]:
        return 200, MEDIA_TYPE, metrics.render()

    return {"/livez": livez, "/readyz": readyz, "/version": running, "/metrics": figures}


async def _is_ops(scope: Scope, state: Any) -> bool:
    token = bearer(dict(scope["headers"]).get(b"authorization"))
    return token is not None and "ops.read" in (await state.verifier.verify(token)).scopes
