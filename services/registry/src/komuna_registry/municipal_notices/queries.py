"""What the database is asked about notices. Every statement starts from `_visible_to`."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.accounts.rules import Role
from komuna_registry.keeping import OFFICERS
from komuna_registry.labels import labelled
from komuna_registry.mechanisms.models import MechanismKind
from komuna_registry.municipalities.frame import Frame
from komuna_registry.notices.models import Delivery, Notice
from komuna_registry.notices.rules import DeliveryState
from komuna_registry.offices.models import OfficeKind
from komuna_registry.tables import Statement
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from . import rules
from .models import MunicipalNotice, MunicipalNoticeRecipient
from .rules import MunicipalNoticeNotFoundError, Progress, RecipientState
from .schemas import AsksOut, EvidenceOut, MunicipalNoticeOut, MunicipalRecipientOut

Connection = AsyncConnection | AsyncSession


def _sent_by(caller: Caller) -> ColumnElement[bool]:
    """Tell which notices the caller's institution sent; the operator sees all."""
    if caller.has(Role.OPS):
        return true()
    own = {one.institution for one in caller.assignments if one.role == Role.COORDINATOR}
    return MunicipalNotice.institution.in_(own - {None}) if own - {None} else false()


def _municipalities_of(caller: Caller) -> set[str]:
    return {
        one.municipality
        for one in caller.assignments
        if one.role in OFFICERS and one.municipality is not None
    }


def _visible_to(caller: Caller) -> ColumnElement[bool]:
    """Tell which municipalities of a notice the caller may see: all of their own, or themselves."""
    own = _municipalities_of(caller)
    return or_(_sent_by(caller), MunicipalNoticeRecipient.municipality.in_(own) if own else false())


async def list_notices(
    connection: AsyncConnection, page: PageRequest, caller: Caller, today: date
) -> Found[MunicipalNoticeOut]:
    """Return one page of the notices that the caller sent or was sent, the newest first."""
    rows = select(MunicipalNotice.__table__, _sent_by(caller).label("is_sender")).where(
        exists().where(MunicipalNoticeRecipient.notice == MunicipalNotice.id, _visible_to(caller))
    )
    keys = (
        Key("created_at", MunicipalNotice.__table__.c.created_at),
        Key("id", MunicipalNotice.__table__.c.id),
    )
    found = await keyset(connection, rows, page, keys=keys, default="-created_at")
    states = await _count_states(connection, caller, [row.id for row in found.items], today)
    return Found([_shown(row, states[row.id]) for row in found.items], found.page)


async def get_notice(
    connection: Connection, caller: Caller, notice: UUID, today: date
) -> MunicipalNoticeOut:
    """Return one notice, or raise."""
    statement = select(MunicipalNotice.__table__, _sent_by(caller).label("is_sender")).where(
        MunicipalNotice.id == notice,
        exists().where(MunicipalNoticeRecipient.notice == MunicipalNotice.id, _visible_to(caller)),
    )
    found = (await connection.execute(statement)).one_or_none()
    if found is None:
        raise MunicipalNoticeNotFoundError
    states = await _count_states(connection, caller, [notice], today)
    return _shown(found, states[notice])


async def list_recipients(
    connection: AsyncConnection, page: PageRequest, caller: Caller, notice: UUID
) -> Found[Record]:
    """Return one page of the municipalities of a notice that the caller may see, by their slug."""
    rows = _recipients(caller).where(MunicipalNoticeRecipient.notice == notice)
    if (await connection.execute(rows.limit(1))).one_or_none() is None:
        raise MunicipalNoticeNotFoundError
    key = Key("municipality", MunicipalNoticeRecipient.__table__.c.municipality)
    return await keyset(connection, rows, page, keys=(key,))


async def list_all_recipients(
    connection: Connection, caller: Caller, notice: UUID
) -> Sequence[Record]:
    """Return every municipality of a notice that the caller may see; there are never many."""
    rows = _recipients(caller).where(MunicipalNoticeRecipient.notice == notice)
    ordered = rows.order_by(MunicipalNoticeRecipient.municipality)
    return (await connection.execute(ordered)).all()


async def get_recipient(
    connection: Connection, caller: Caller, notice: UUID, municipality: str
) -> Record:
    """Return one municipality of a notice, or raise."""
    rows = _recipients(caller).where(
        MunicipalNoticeRecipient.notice == notice,
        MunicipalNoticeRecipient.municipality == municipality,
    )
    found = (await connection.execute(rows)).one_or_none()
    if found is None:
        raise MunicipalNoticeNotFoundError
    return found


def select_open(caller: Caller) -> Statement:
    """Select what the caller's own municipalities were asked for and have not done yet."""
    own = _municipalities_of(caller)
    return (
        select(
            MunicipalNotice.id,
            MunicipalNotice.due_on,
            MunicipalNoticeRecipient.municipality,
            MunicipalNotice.subject_kind,
            MunicipalNotice.subjects,
            func.coalesce(MechanismKind.names, OfficeKind.names).label("kind_names"),
        )
        .join_from(
            MunicipalNotice,
            MunicipalNoticeRecipient,
            MunicipalNoticeRecipient.notice == MunicipalNotice.id,
        )
        .outerjoin(MechanismKind, MechanismKind.code == MunicipalNotice.mechanism_kind)
        .outerjoin(OfficeKind, OfficeKind.code == MunicipalNotice.office_kind)
        .where(
            MunicipalNoticeRecipient.fulfilled_at.is_(None),
            MunicipalNoticeRecipient.municipality.in_(own) if own else false(),
        )
    )


async def _count_states(
    connection: Connection, caller: Caller, notices: Sequence[UUID], today: date
) -> Mapping[UUID, dict[RecipientState, int]]:
    counts: defaultdict[UUID, Counter[RecipientState]] = defaultdict(Counter)
    rows = _recipients(caller).where(MunicipalNoticeRecipient.notice.in_(notices))
    for row in await connection.execute(rows):
        counts[row.notice][rules.find_state(_progress(row), row.due_on, today)] += 1
    return {notice: dict(sorted(counts[notice].items())) for notice in notices}


def _recipients(caller: Caller) -> Statement:
    sent = (
        select(
            Delivery.notice.label("mail"),
            *(
                func.count().filter(Delivery.state == state).label(f"{state.value}_count")
                for state in DeliveryState
            ),
        )
        .group_by(Delivery.notice)
        .subquery()
    )
    return (
        select(
            MunicipalNoticeRecipient.__table__,
            MunicipalNotice.due_on,
            Notice.created_at.label("reminded_at"),
            *(
                func.coalesce(sent.c[f"{state.value}_count"], 0).label(f"{state.value}_count")
                for state in DeliveryState
            ),
        )
        .join_from(
            MunicipalNoticeRecipient,
            MunicipalNotice,
            MunicipalNotice.id == MunicipalNoticeRecipient.notice,
        )
        .outerjoin(sent, sent.c.mail == MunicipalNoticeRecipient.mail)
        .outerjoin(Notice, Notice.id == MunicipalNoticeRecipient.reminder)
        .where(_visible_to(caller))
    )


def _progress(row: Any) -> Progress:
    return Progress(
        row.queued_count,
        row.sent_count,
        row.failed_count,
        row.acknowledged_at,
        row.fulfilled_at,
    )


def _shown(row: Any, states: dict[RecipientState, int]) -> MunicipalNoticeOut:
    return MunicipalNoticeOut(
        id=row.id,
        subject_kind=row.subject_kind,
        asks=AsksOut(mechanism_kind=row.mechanism_kind, office_kind=row.office_kind),
        # Whom else it went to is not for each of them to know.
        recipients=row.recipients if row.is_sender else {},
        subjects=row.subjects,
        texts=row.texts,
        due_on=row.due_on,
        institution=row.institution,
        created_at=row.created_at,
        states=states,
    )


def show_recipient(frame: Frame, row: Any, language: str, today: date) -> MunicipalRecipientOut:
    """Return one municipality as both sides see it."""
    progress = _progress(row)
    evidence = None
    if row.evidence is not None:
        evidence = EvidenceOut(type=row.evidence_type, id=row.evidence)
    return MunicipalRecipientOut(
        municipality=row.municipality,
        **labelled(frame.names_of(row.municipality), language),
        language=row.language,
        state=rules.find_state(progress, row.due_on, today),
        delivery=rules.find_delivery(progress),
        queued_count=row.queued_count,
        sent_count=row.sent_count,
        failed_count=row.failed_count,
        acknowledged_at=row.acknowledged_at,
        answered_at=row.answered_at,
        answer=row.answer,
        fulfilled_at=row.fulfilled_at,
        fulfilled_by=row.fulfilled_by,
        evidence=evidence,
        reminded_at=row.reminded_at,
        letter=f"/registry/v1/municipal-notices/{row.notice}/letters/{row.municipality}",
        version=row.version,
    )
