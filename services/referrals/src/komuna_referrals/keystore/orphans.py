"""Keys whose data was never written: the process that made them died in between."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.database import Database

from .models import DataKey

# No request lasts a day, so what is that old and has no case will never have one.
GRACE = timedelta(hours=24)
_BATCH = 500
_UNKNOWN = text("select unknown_cases(cast(:asked as uuid[]))")


async def sweep_orphans(keystore: Database, data: Database, *, grace: timedelta = GRACE) -> int:
    """Destroy the keys of cases that do not exist, and return how many cases those were."""
    swept, last = 0, UUID(int=0)
    while True:
        async with keystore.session() as session:
            cases = await _old_cases(session, grace, after=last)
        if not cases:
            return swept
        last = cases[-1]
        async with data.session() as session:
            unknown: list[UUID] = await session.scalar(_UNKNOWN, {"asked": list(cases)}) or []
        if unknown:
            async with keystore.session() as session:
                await session.execute(delete(DataKey).where(DataKey.case_id.in_(unknown)))
            swept += len(unknown)


async def _old_cases(session: AsyncSession, grace: timedelta, *, after: UUID) -> Sequence[UUID]:
    """Return the next cases none of whose keys is young."""
    found = (
        select(DataKey.case_id)
        .where(DataKey.case_id > after)
        .group_by(DataKey.case_id)
        .having(func.max(DataKey.created_at) < func.now() - grace)
        .order_by(DataKey.case_id)
        .limit(_BATCH)
    )
    return (await session.scalars(found)).all()
