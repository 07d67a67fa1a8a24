"""The frame of every service: one way to make its API, and one to serve it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any, cast

import orjson
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import text
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from komuna_shared import validation
from komuna_shared.access import public
from komuna_shared.boundary import Boundary, as_service_error, json_answer
from komuna_shared.database import Database
from komuna_shared.errors import (
    BadRequestError,
    MethodNotAllowedError,
    NotFoundError,
    ServiceError,
    TooLargeError,
    UnauthorizedError,
    UnavailableError,
)
from komuna_shared.guard import AccessLayer
from komuna_shared.logging import configure, error_of, log
from komuna_shared.metrics import MEDIA_TYPE, Metrics
from komuna_shared.openapi import document, operation_id
from komuna_shared.problems import problem_response
from komuna_shared.routing import RouteTable
from komuna_shared.settings import ServiceSettings, Settings
from komuna_shared.tokens import Verifier, bearer

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_KINDS: dict[int, type[ServiceError]] = {
    401: UnauthorizedError,
    404: NotFoundError,
    405: MethodNotAllowedError,
    413: TooLargeError,
}
_NO_TELEMETRY: Any = {
    "logs": False,
    "tracing": False,
    "metrics": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_frame(
    name: str,
    *,
    settings: Settings,
    routers: Sequence[APIRouter],
    lifespan: Lifespan | None = None,
    description: str = "",
) -> FastAPI:
    """Return an API without a database: errors, tokens, and nothing that FastAPI adds unasked."""
    configure(name, settings.log_level)
    base_url = f"{settings.public_url}/{name}" if name in _MEMBERS else settings.public_url
    api = FastAPI(
        title=f"Komuna {name}",
        version=version("komuna-shared"),
        description=description,
        lifespan=_lifespan(lifespan),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        telemetry=_NO_TELEMETRY,
        servers=[{"url": base_url}],
    )
    api.state.name, api.state.settings, api.state.base_url = name, settings, base_url
    api.state.verifier = Verifier(settings)
    for router in routers:
        api.include_router(router)
    for kind, handler in _HANDLERS.items():
        api.add_exception_handler(kind, handler)
    return api


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
        async with database.reader() as connection:
            await connection.execute(text("select 1"))
    except Exception as failure:  # noqa: BLE001 -- whatever it is, the database is not reached.
        log.warning("not_ready", **error_of(failure))
        return False
    return True


_MEMBERS = frozenset({"registry", "indicators", "referrals"})
_documents = APIRouter(redirect_slashes=False)


@_documents.get("/openapi.json", include_in_schema=False, dependencies=[public()])
async def read_openapi(request: Request) -> Response:
    """Return the OpenAPI document of this service."""
    return Response(orjson.dumps(request.app.openapi()), media_type="application/json")


def _lifespan(extra: Lifespan | None) -> Lifespan:
    @asynccontextmanager
    async def run(api: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if (database := getattr(api.state, "database", None)) is not None:
                stack.push_async_callback(database.close)
            await api.state.verifier.start()
            stack.push_async_callback(api.state.verifier.close)
            if extra is not None:
                await stack.enter_async_context(extra(api))
            yield

    return run


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


def _respond(request: Request, error: ServiceError) -> Response:
    state = request.scope["state"]
    state["code"] = error.code
    return problem_response(
        error,
        language=state["language"],
        trace_id=state["trace_id"],
        public_url=request.app.state.settings.public_url,
    )


async def _on_service_error(request: Request, failure: Exception) -> Response:
    return _respond(request, cast("ServiceError", failure))


async def _on_invalid(request: Request, failure: Exception) -> Response:
    invalid = cast("RequestValidationError", failure)
    return _respond(request, validation.as_service_error(invalid, request.app))


async def _on_http_exception(request: Request, failure: Exception) -> Response:
    kind = _KINDS.get(cast("HTTPException", failure).status_code, BadRequestError)
    return _respond(request, kind())


async def _on_anything(request: Request, failure: Exception) -> Response:
    return _respond(request, as_service_error(failure))


_HANDLERS: dict[Any, Any] = {
    ServiceError: _on_service_error,
    RequestValidationError: _on_invalid,
    HTTPException: _on_http_exception,
    Exception: _on_anything,
}
