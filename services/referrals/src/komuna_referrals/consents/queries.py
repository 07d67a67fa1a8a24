"""What the database is asked about consents; row-level security hides the cases of others."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, column, exists, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.clock import today
from komuna_shared.errors import NotFoundError
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Consent
from .rules import SHARING, Basis, ConsentState

_CONSENT = Consent.__table__.c
KEYS = (Key("recorded_at", _CONSENT.recorded_at), Key("id", _CONSENT.id))
NEWEST_FIRST = "-recorded_at"

# Named here and not imported: cases ask for consents, so consents may not ask for cases.
_CASE_ACCESS = table("case_access", column("case_id"), column("relation"), column("ended_at"))


def _visible_to() -> Select[Consent]:
    """Return what Postgres shows of consents to whoever the sealed context names."""
    return select(Consent)


async def find_basis(
    session: AsyncSession, case_id: UUID, *, recipient: str, field_class: str
) -> Basis | None:
    """Return the live record that allows `recipient` to see a class of data today."""
    found = await session.scalar(
        _visible_to()
        .where(*_live(case_id, recipient), _CONSENT.classes.contains([field_class]))
        .order_by(Consent.recorded_at.desc())
        .limit(1)
    )
    return None if found is None else Basis(found.id, found.basis)


def allows_recipient(case_id: Any, recipient: Any) -> ColumnElement[bool]:
    """Return the condition that something still allows a recipient to see of a case today.

    This is the first wall; in the second Postgres asks for every class that was handed over.
    """
    return exists().where(*_live(case_id, recipient))


def _live(case_id: Any, recipient: Any) -> tuple[ColumnElement[bool], ...]:
    day = today()
    return (
        _CONSENT.case_id == case_id,
        _CONSENT.recipient == recipient,
        _CONSENT.purpose.in_(sorted(SHARING)),
        _CONSENT.state == ConsentState.GIVEN,
        _CONSENT.given_on <= day,
        or_(_CONSENT.valid_until.is_(None), _CONSENT.valid_until > day),
    )


async def check_seen(session: AsyncSession, case_id: UUID) -> None:
    """Raise `NotFoundError` unless the acting institution owns the case or is its partner."""
    seen = select(_CASE_ACCESS.c.case_id).where(
        _CASE_ACCESS.c.case_id == case_id,
        _CASE_ACCESS.c.relation.in_(("owner", "partner")),
        _CASE_ACCESS.c.ended_at.is_(None),
    )
    if (await session.execute(seen.limit(1))).first() is None:
        raise NotFoundError


async def list_consents(session: AsyncSession, page: PageRequest, case_id: UUID) -> Found[Consent]:
    """Return the consents of a case, newest first, or raise `NotFoundError`."""
    await check_seen(session, case_id)
    statement = _visible_to().where(Consent.case_id == case_id)
    return await keyset(session, statement, page, keys=KEYS, default=NEWEST_FIRST)


async def get_consent(session: AsyncSession, consent_id: UUID) -> Consent:
    """Return one consent, or raise `NotFoundError`."""
    found = await session.scalar(_visible_to().where(Consent.id == consent_id))
    if found is None:
        raise NotFoundError
    return found


async def get_own_consent(session: AsyncSession, consent_id: UUID) -> Consent:
    """Return a consent of a case that is owned or helped with, or raise `NotFoundError`."""
    found = await get_consent(session, consent_id)
    await check_seen(session, found.case_id)
    return found
