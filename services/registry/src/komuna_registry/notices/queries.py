"""What the database is asked about notices, and about who is to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.accounts.models import Account, Assignment
from komuna_registry.filter_values import check_filters
from komuna_registry.institutions.models import Institution
from komuna_registry.municipalities.models import Municipality
from komuna_registry.tables import Statement
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Delivery, Notice
from .rules import DeliveryState, NoticeNotFoundError, Template, find_address
from .schemas import NoticeOut, RecipientIn, RecipientOut


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notices a list is about."""

    template: Sequence[Template] = ()
    municipality: Sequence[str] = ()
    institution: Sequence[str] = ()


async def list_notices(
    connection: AsyncConnection, page: PageRequest, wanted: Wanted
) -> Found[NoticeOut]:
    """Return one page of the notices, the newest first."""
    rows = _notices()
    for column, values in (
        (Notice.template, wanted.template),
        (Notice.municipality, wanted.municipality),
        (Notice.institution, wanted.institution),
    ):
        if values:
            rows = rows.where(column.in_(values))
    keys = (
        Key("created_at", Notice.__table__.c.created_at),
        Key("id", Notice.__table__.c.id),
    )
    found = await keyset(connection, rows, page, keys=keys, default="-created_at")
    await check_filters(
        connection,
        found.items,
        municipality=(Municipality.slug, wanted.municipality),
        institution=(Institution.code, wanted.institution),
    )
    return Found([_shown(row) for row in found.items], found.page)


async def get_notice(connection: AsyncConnection | AsyncSession, notice: UUID) -> NoticeOut:
    """Return one notice, or raise."""
    found = (await connection.execute(_notices().where(Notice.id == notice))).one_or_none()
    if found is None:
        raise NoticeNotFoundError
    return _shown(found)


async def list_deliveries(connection: AsyncConnection, notice: UUID) -> Sequence[Record]:
    """Return the letters of a notice."""
    statement = select(Delivery.__table__).where(Delivery.notice == notice).order_by(Delivery.id)
    return (await connection.execute(statement)).all()


async def find_accounts(session: AsyncSession, recipient: RecipientIn, today: date) -> list[UUID]:
    """Return the accounts that hold the role there today and have an e-mail address."""
    statement = (
        select(Account.id, Account.work_contact)
        .join_from(Account, Assignment, Assignment.account == Account.id)
        .where(
            Assignment.role == recipient.role,
            Assignment.municipality == recipient.municipality
            if recipient.municipality is not None
            else Assignment.institution == recipient.institution,
            Assignment.revoked_at.is_(None),
            Assignment.valid_from <= today,
            or_(Assignment.valid_until.is_(None), Assignment.valid_until > today),
        )
        .distinct()
        .order_by(Account.id)
    )
    rows = await session.execute(statement)
    return [row.id for row in rows if find_address(row.work_contact) is not None]


def _notices() -> Statement:
    return select(
        Notice.__table__,
        _count().label("recipient_count"),
        *(_count(state).label(f"{state.value}_count") for state in DeliveryState),
    )


def _count(state: DeliveryState | None = None) -> ColumnElement[int]:
    counted = select(func.count()).where(Delivery.notice == Notice.id)
    if state is not None:
        counted = counted.where(Delivery.state == state)
    return counted.scalar_subquery()


def _shown(row: Any) -> NoticeOut:
    return NoticeOut(
        id=row.id,
        template=row.template,
        recipient=RecipientOut(
            role=row.role, municipality=row.municipality, institution=row.institution
        ),
        params=row.params,
        sender=row.sender,
        created_at=row.created_at,
        recipient_count=row.recipient_count,
        queued_count=row.queued_count,
        sent_count=row.sent_count,
        failed_count=row.failed_count,
    )
