"""What the worker does by the clock: what a consent no longer allows ends, and so does waiting."""

from typing import Any

from sqlalchemy import text

from komuna_shared.database import Database
from komuna_shared.jobs import enqueue
from komuna_shared.logging import log
from komuna_shared.worker import Schedule

from .jobs import REVOKE

_BATCH = 100
_END = text("select case_id, institution from end_lapsed(:count)")
_EXPIRE = text("select expire_unanswered()")


def ends_by_clock() -> Schedule:
    """Return the search for what ends, often enough that an hour to answer is an hour."""
    return Schedule("referrals.expire", "*/5 * * * *", expire)


async def expire(data: Database, _: dict[str, Any]) -> None:
    """End what has rested on nothing for a day, and what nobody answered."""
    ended = 0
    while (count := await _end_some(data)) == _BATCH:
        ended += count
    async with data.session() as session:
        unanswered: int = await session.scalar(_EXPIRE) or 0
    log.info("referrals_expired", count=ended + count + unanswered)


async def _end_some(data: Database) -> int:
    """End some, and have the keys taken back by jobs that exist only if the referrals did end."""
    async with data.session() as session:
        found = (await session.execute(_END, {"count": _BATCH})).all()
        for row in found:
            if row.institution is not None:
                holder = {"case_id": str(row.case_id), "institution": row.institution}
                await enqueue(session, REVOKE, holder)
    return len(found)
