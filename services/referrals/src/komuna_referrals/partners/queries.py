"""What the database is asked about partners."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.cases.models import CaseHistory
from komuna_shared.database import Record
from komuna_shared.errors import NotFoundError
from komuna_shared.tables import assignment_copy

_HISTORY = CaseHistory.__table__.c


async def has_role_there(
    session: AsyncSession, institution: str, *, roles: Collection[str], on: date
) -> bool:
    """Tell whether anybody holds one of the roles at an institution."""
    held = assignment_copy.c
    found = await session.execute(
        select(held.id)
        .where(
            held.institution == institution,
            held.role.in_(sorted(roles)),
            held.valid_from <= on,
            or_(held.valid_until.is_(None), held.valid_until > on),
        )
        .limit(1)
    )
    return found.first() is not None


async def get_partner(session: AsyncSession, event_id: UUID) -> Record:
    """Return the partner that an event of the history brought in."""
    events = select(_HISTORY.changes, _HISTORY.recorded_at).where(_HISTORY.id == event_id)
    found = (await session.execute(events)).one_or_none()
    if found is None:
        raise NotFoundError
    return found
