"""What is deleted once nobody needs it any more."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared import tables
from komuna_shared.changes import forget_tombstones
from komuna_shared.database import Database
from komuna_shared.idempotency import LIFETIME

IMPORTS_KEPT = timedelta(days=30)
EXPORTS_KEPT = timedelta(days=2)


async def forget_keys(session: AsyncSession) -> None:
    """Drop the keys of requests that may no longer be repeated."""
    keys = tables.idempotency_key
    await session.execute(delete(keys).where(keys.c.created_at < func.now() - LIFETIME))


async def forget_finished(session: AsyncSession) -> None:
    """Drop imports and exports that ended long ago, with everything that belongs to them."""
    for job, kept in ((tables.import_job, IMPORTS_KEPT), (tables.export_job, EXPORTS_KEPT)):
        await session.execute(delete(job).where(job.c.finished_at < func.now() - kept))
    for part in (tables.import_chunk, tables.import_row, tables.import_problem):
        known = select(tables.import_job.c.id)
        await session.execute(delete(part).where(part.c.import_id.not_in(known)))
    for part in (tables.export_file, tables.export_chunk):
        known = select(tables.export_job.c.id)
        await session.execute(delete(part).where(part.c.export_id.not_in(known)))


def _in_session(
    forget: Callable[[AsyncSession], Awaitable[None]],
) -> Callable[[Database, dict[str, Any]], Awaitable[None]]:
    async def run(database: Database, _: dict[str, Any]) -> None:
        async with database.session() as session:
            await forget(session)

    return run


FORGETTING = (
    ("forget.keys", "17 * * * *", _in_session(forget_keys)),
    ("forget.tombstones", "23 2 * * *", _in_session(forget_tombstones)),
    ("forget.finished", "41 * * * *", _in_session(forget_finished)),
)
