"""What the database is asked about cases. Every statement starts from `_visible_to`."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.consents.queries import allows_recipient
from komuna_referrals.roles import RATERS, READERS
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.errors import NotFoundError
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import CaseAccess, CaseHistory, CaseIndicator, CaseRecord, ProcedureRule
from .rules import ACTIVE, TEAM, NotOwnerError, Relation, Risk

Cases = Select[*tuple[object, ...]]

# Of the ways in, not of the cases: their index gives a page in order without looking at others.
_ACCESS = CaseAccess.__table__.c
_RECORD = CaseRecord.__table__.c
_HISTORY = CaseHistory.__table__.c
KEYS = (Key("opened_at", _ACCESS.opened_at), Key("id", _ACCESS.case_id))
HISTORY_KEYS = (Key("id", _HISTORY.id),)
NEWEST_FIRST = "-opened_at"
OLDEST_FIRST = "opened_at"


def _visible_to(caller: Caller, roles: frozenset[str] = READERS) -> Cases:
    """Select the cases that the institutions see for which the caller holds one of the roles.

    This is the first wall. The second stands in Postgres: forced row-level security, which shows
    the application role no row at all unless its transaction proves for whom it acts.
    """
    own = {one.institution for one in caller.assignments if one.role in roles and one.institution}
    return (
        select(*(one for one in _RECORD if one is not _RECORD.opened_at), *_way_in())
        .join(CaseAccess, _ACCESS.case_id == _RECORD.id)
        .where(
            _ACCESS.inst.in_(sorted(own)),
            _ACCESS.ended_at.is_(None),
            # A receiver sees as long as something allows it; when that ends, nobody has to act.
            or_(
                _ACCESS.relation != Relation.RECEIVER,
                allows_recipient(_ACCESS.case_id, _ACCESS.inst),
            ),
        )
    )


def _way_in() -> tuple[object, ...]:
    return (
        _ACCESS.opened_at,
        _ACCESS.relation,
        _ACCESS.inst.label("seen_by"),
        _ACCESS.referral_id,
    )


async def list_cases(session: AsyncSession, page: PageRequest, *, caller: Caller) -> Found[Record]:
    """Return the cases the caller may see, newest first."""
    return await keyset(session, _visible_to(caller), page, keys=KEYS, default=NEWEST_FIRST)


async def get_case(session: AsyncSession, case_id: UUID, *, caller: Caller) -> Record:
    """Return one case, or raise `NotFoundError` if this caller may not see it."""
    rows = await session.execute(_visible_to(caller).where(_RECORD.id == case_id))
    found = rows.one_or_none()
    if found is None:
        raise NotFoundError
    return found


async def get_team_case(session: AsyncSession, case_id: UUID, *, caller: Caller) -> Record:
    """Return a case that the caller works on; a receiver only serves the person."""
    found = await get_case(session, case_id, caller=caller)
    if found.relation not in TEAM:
        raise NotFoundError
    return found


async def get_own_case(session: AsyncSession, case_id: UUID, *, caller: Caller) -> Record:
    """Return a case of the caller's institution; a partner's raises `NotOwnerError`."""
    found = await get_case(session, case_id, caller=caller)
    if found.relation != Relation.OWNER:
        raise NotOwnerError
    return found


async def list_history(
    session: AsyncSession, page: PageRequest, case_id: UUID
) -> Found[CaseHistory]:
    """Return what happened to a case that the caller was found to work on, oldest first."""
    events = select(CaseHistory).where(_HISTORY.case_id == case_id)
    return await keyset(session, events, page, keys=HISTORY_KEYS, default="id")


def select_unrated(caller: Caller) -> Cases:
    """Select the active cases whose danger nobody has rated and the caller may."""
    return _visible_to(caller, RATERS).where(
        _ACCESS.relation.in_(sorted(TEAM)),
        _RECORD.record.in_(sorted(ACTIVE)),
        _RECORD.risk == Risk.UNASSESSED,
    )


async def list_unrated_cases(
    session: AsyncSession, page: PageRequest, *, caller: Caller
) -> Found[Record]:
    """Return the active cases whose danger nobody has rated and the caller may, oldest first."""
    return await keyset(session, select_unrated(caller), page, keys=KEYS, default=OLDEST_FIRST)


async def find_indicators(session: AsyncSession, case_id: UUID) -> list[str]:
    """Return the indicators recorded in a case, as far as Postgres shows them."""
    code = CaseIndicator.__table__.c.code
    found = await session.scalars(
        select(code).where(CaseIndicator.case_id == case_id).order_by(code)
    )
    return list(found)


async def read_rules(session: AsyncSession, codes: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return what these lines of the procedure allow."""
    columns = ProcedureRule.__table__.c
    rows = await session.execute(
        select(columns.code, columns.allowed).where(columns.code.in_(sorted(codes)))
    )
    found = {row.code: frozenset(row.allowed) for row in rows}
    return {code: found.get(code, frozenset()) for code in codes}
