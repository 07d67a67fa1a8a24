"""What the database is asked about reminders."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators.submissions.models import Submission

from .models import Reminder
from .rules import State

REMINDER = Reminder.__table__


async def find_waiting(session: AsyncSession) -> Sequence[Row[Any]]:
    """Return the reminders that registry has not been asked for yet, the oldest first."""
    waiting = select(REMINDER).where(REMINDER.c.state == State.WAITING)
    return (await session.execute(waiting.order_by(REMINDER.c.created_at, REMINDER.c.id))).all()


async def is_missing(
    session: AsyncSession, *, obligation: str, municipality: str, period_from: date
) -> bool:
    """Say whether no version of a report was sent."""
    sent = select(Submission.id).where(
        Submission.obligation == obligation,
        Submission.municipality == municipality,
        Submission.period_from == period_from,
    )
    return await session.scalar(sent.limit(1)) is None
