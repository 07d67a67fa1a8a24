"""Services broken on purpose: each must be caught by the proof that names it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp

from komuna_shared import database, frame


async def _late(request: Request) -> AsyncIterator[AsyncSession]:
    found = cast("database.Database", request.app.state.database)
    async with found.sessions() as session:
        session.info["trace_id"] = request.scope.get("state", {}).get("trace_id")
        yield session
        await asyncio.sleep(0.05)
        await session.commit()


def answers_first() -> ASGIApp:
    """Return a registry that answers before it commits, as `Depends` without a scope would."""
    broken: Any = Annotated[AsyncSession, Depends(_late, scope="request")]
    database.Session = broken  # The mutation, before any route is made.
    from komuna_registry.main import create_app  # noqa: PLC0415

    return create_app()


def echoes_input() -> ASGIApp:
    """Return a registry that answers as FastAPI does: with what it was sent."""
    frame._HANDLERS[RequestValidationError] = request_validation_exception_handler  # noqa: SLF001
    from komuna_registry.main import create_app  # noqa: PLC0415

    return create_app()
