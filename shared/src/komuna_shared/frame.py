"""The frame of an API: errors, tokens, and nothing that FastAPI adds unasked; no database."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any, cast

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from komuna_shared import validation
from komuna_shared.boundary import as_service_error
from komuna_shared.errors import (
    BadRequestError,
    MethodNotAllowedError,
    NotFoundError,
    ServiceError,
    TooLargeError,
    UnauthorizedError,
)
from komuna_shared.logging import configure
from komuna_shared.openapi import operation_id
from komuna_shared.problems import problem_response
from komuna_shared.settings import Settings
from komuna_shared.tokens import Verifier

_MEMBERS = frozenset({"registry", "indicators", "referrals"})
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
