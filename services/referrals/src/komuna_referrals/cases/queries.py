"""What the database is asked about cases. Every statement starts from `_visible_to`."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.roles import RATERS, READERS
from komuna_shared.access import Caller
from komuna_shared.errors import NotFoundError
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import CaseAccess, CaseRecord
from .rules import ACTIVE, Risk

# Of the ways in, not of the cases: their index gives a page in order without looking at others.
_COLUMNS = CaseAccess.__table__.c
KEYS = (Key("opened_at", _COLUMNS.opened_at), Key("id", _COLUMNS.case_id))
NEWEST_FIRST = "-opened_at"
OLDEST_FIRST = "opened_at"


def _visible_to(caller: Caller, roles: frozenset[str] = READERS) -> Select[CaseRecord]:
    """Return the cases that the institutions see for which the caller holds one of the roles.

    This is the first wall. The second stands in Postgres: forced row-level security, which shows
    the application role no row at all unless its transaction proves for whom it acts.
    """
    own = {one.institution for one in caller.assignments if one.role in roles and one.institution}
    return (
        select(CaseRecord)
        .join(CaseAccess, CaseAccess.case_id == CaseRecord.id)
        .where(CaseAccess.inst.in_(sorted(own)), CaseAccess.ended_at.is_(None))
    )


async def list_cases(
    session: AsyncSession, page: PageRequest, *, caller: Caller
) -> Found[CaseRecord]:
    """Return the cases the caller may see, newest first."""
    return await keyset(session, _visible_to(caller), page, keys=KEYS, default=NEWEST_FIRST)


async def get_case(session: AsyncSession, case_id: UUID, *, caller: Caller) -> CaseRecord:
    """Return one case, or raise `NotFoundError` if this caller may not see it."""
    found = await session.scalar(_visible_to(caller).where(CaseRecord.id == case_id))
    if found is None:
        raise NotFoundError
    return found


async def list_unrated_cases(
    session: AsyncSession, page: PageRequest, *, caller: Caller
) -> Found[CaseRecord]:
    """Return the active cases whose danger nobody has rated and the caller may, oldest first."""
    unrated = _visible_to(caller, RATERS).where(
        CaseRecord.record.in_(sorted(ACTIVE)), CaseRecord.risk == Risk.UNASSESSED
    )
    return await keyset(session, unrated, page, keys=KEYS, default=OLDEST_FIRST)
