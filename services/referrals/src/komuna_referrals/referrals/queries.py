"""What the database is asked about referrals. Every statement starts from `_visible_to`."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.consents.queries import allows_recipient
from komuna_referrals.roles import READERS, RECEIVERS, WRITERS
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.errors import NotFoundError
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Recall, Referral, ReferralCase
from .rules import TAKEN, State

Referrals = Select[*tuple[object, ...]]

_REFERRAL = Referral.__table__.c
_CASE = ReferralCase.__table__.c
_RECALL = Recall.__table__.c


class Box(StrEnum):
    """Which side of referrals is asked for."""

    IN = "in"
    OUT = "out"


_KEYS = {
    # Each side in an order of its own: when a draft was begun is nothing to the receiver.
    Box.IN: (Key("sent_at", _REFERRAL.sent_at), Key("id", _REFERRAL.id)),
    Box.OUT: (Key("created_at", _REFERRAL.created_at), Key("id", _REFERRAL.id)),
}
_NEWEST_FIRST = {Box.IN: "-sent_at", Box.OUT: "-created_at"}


def own_institutions(caller: Caller, roles: frozenset[str] = READERS) -> list[str]:
    """Return for which institutions the caller holds one of the roles, in order."""
    held = (one for one in caller.assignments if one.role in roles and one.institution)
    return sorted({one.institution for one in held if one.institution})


def _visible_to(caller: Caller, roles: frozenset[str] = READERS) -> Referrals:
    """Select what was sent by the caller's institutions, and what they were shown.

    The case stands in a table of its own, which Postgres hides from a receiver until it accepted;
    until then it is Postgres alone that knows whether a consent still holds.
    """
    own = own_institutions(caller, roles)
    return (
        select(*_REFERRAL, _CASE.case_id, _CASE.classes, _CASE.consent_id)
        .outerjoin(ReferralCase, _CASE.referral_id == _REFERRAL.id)
        .where(
            or_(
                _REFERRAL.sender.in_(own),
                and_(
                    _REFERRAL.receiver.in_(own),
                    _REFERRAL.is_shown,
                    or_(
                        _REFERRAL.state.not_in(TAKEN),
                        allows_recipient(_CASE.case_id, _REFERRAL.receiver),
                    ),
                ),
            )
        )
    )


def is_open_to(row: Record, caller: Caller) -> bool:
    """Tell whether the caller sees the case too: the sender always, the receiver while it helps."""
    if row.sender in own_institutions(caller):
        return True
    return row.state in TAKEN and row.case_id is not None


async def list_referrals(
    session: AsyncSession, page: PageRequest, *, caller: Caller, box: Box
) -> Found[Record]:
    """Return what was sent or what came in, newest first."""
    side = _REFERRAL.receiver if box is Box.IN else _REFERRAL.sender
    statement = _visible_to(caller).where(side.in_(own_institutions(caller)))
    return await keyset(session, statement, page, keys=_KEYS[box], default=_NEWEST_FIRST[box])


async def get_referral(session: AsyncSession, referral_id: UUID, *, caller: Caller) -> Record:
    """Return one referral, or raise `NotFoundError` if this caller may not see it."""
    rows = await session.execute(_visible_to(caller).where(_REFERRAL.id == referral_id))
    found = rows.one_or_none()
    if found is None:
        raise NotFoundError
    return found


async def find_shared_classes(
    session: AsyncSession, case_id: UUID, *, receiver: str
) -> frozenset[str]:
    """Return the classes that came over with what an institution accepted and works on."""
    rows = await session.scalars(
        select(_CASE.classes)
        .join(Referral, _REFERRAL.id == _CASE.referral_id)
        .where(_CASE.case_id == case_id, _REFERRAL.receiver == receiver, _REFERRAL.state.in_(TAKEN))
    )
    return frozenset(one for classes in rows for one in classes)


def select_unanswered(caller: Caller) -> Referrals:
    """Select what came in and waits for an answer of the caller's institutions."""
    return _visible_to(caller, RECEIVERS).where(
        _REFERRAL.receiver.in_(own_institutions(caller, RECEIVERS)),
        _REFERRAL.state.in_((State.SENT, State.DELIVERED)),
    )


def select_recalled(caller: Caller, since: datetime) -> Referrals:
    """Select of what the caller's institutions had accepted what they may use no longer."""
    return select(*_RECALL).where(
        _RECALL.institution.in_(own_institutions(caller, RECEIVERS)), _RECALL.recalled_at > since
    )


def select_returned(caller: Caller, *states: State) -> Referrals:
    """Select what the caller's institutions sent and what came back in one of these states."""
    return _visible_to(caller, WRITERS).where(
        _REFERRAL.sender.in_(own_institutions(caller, WRITERS)), _REFERRAL.state.in_(states)
    )
