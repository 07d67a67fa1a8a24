"""Services broken on purpose: each must be caught by the proof that names it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
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


def serves_unrecorded() -> ASGIApp:
    """Return a referrals that goes on when its audit row could not be written."""
    from komuna_shared import audit  # noqa: PLC0415

    written = audit.record

    async def attempted(session: AsyncSession, *told: Any, **more: Any) -> None:
        with suppress(DBAPIError):
            async with session.begin_nested():
                await written(session, *told, **more)

    vars(audit)["record"] = attempted
    from komuna_referrals.main import create_app  # noqa: PLC0415

    return create_app()


@contextmanager
def passes_the_oldest() -> Iterator[None]:
    """Have the feed show a change as soon as it is committed, whatever older ones still run."""
    from komuna_shared.changes import reading  # noqa: PLC0415

    held = vars(reading)["_OLDEST_RUNNING"]
    vars(reading)["_OLDEST_RUNNING"] = text("9223372036854775807")
    try:
        yield
    finally:
        vars(reading)["_OLDEST_RUNNING"] = held


class _Open:
    """A cipher that leaves everything as it is, with room for a tag."""

    def __init__(self, key: bytes) -> None:
        del key

    def encrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        del nonce, associated
        return data + bytes(16)

    def decrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        del nonce, associated
        return data[:-16]


def seals_nothing() -> ASGIApp:
    """Return a referrals whose sealed values are only laid out like sealed ones."""
    from komuna_referrals.main import create_app  # noqa: PLC0415
    from komuna_referrals.sealing import envelope  # noqa: PLC0415

    vars(envelope)["AESGCM"] = _Open
    return create_app()


def _without_signature(function: str) -> str:
    return function.replace(
        "and sha256(k.opad || sha256(k.ipad || convert_to(enter.ticket, 'UTF8'))) = enter.mac", ""
    )


def _without_seal(function: str) -> str:
    return function.replace("is distinct from current_setting('ctx.seal', true)", "is null")


def _for_anybody(function: str) -> str:
    return function.replace("and said->>'iss' = enter.iss and said->>'sub' = enter.sub", "")


UNWALLED: dict[str, Callable[[str], str]] = {
    "takes_any_signature": _without_signature,
    "looks_at_no_seal": _without_seal,
    "takes_anybodys_ticket": _for_anybody,
}
"""The second wall with one stone left out, each a change of the text of its functions."""
