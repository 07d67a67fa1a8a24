"""How long a request waits for the rows that say who asked, before nothing happens at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.errors import UnavailableError
from komuna_shared.logging import error_of, log

_WAIT = "trail_wait"


class AuditUnavailableError(UnavailableError):
    """The row that says who asked cannot be written, so nothing is served."""

    code = "audit_unavailable"
    detail = "The access cannot be recorded at the moment, so nothing is shown. Try again later."


@asynccontextmanager
async def written_within(seconds: float) -> AsyncIterator[None]:
    """Do what writes a record; whatever stops it, or lasts longer, stops what it records."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except Exception as failure:  # noqa: BLE001 -- a record that fails for any reason is none.
        log.error("audit_unwritable", **error_of(failure))
        raise AuditUnavailableError from None


def waiting(seconds: float) -> dict[str, float]:
    """Return what a session has to know for `written`."""
    return {_WAIT: seconds}


@asynccontextmanager
async def written(session: AsyncSession) -> AsyncIterator[None]:
    """Do what writes a record in a request's transaction, as long as the settings allow."""
    async with written_within(session.info[_WAIT]):
        yield
