"""What the worker sees by the clock: what was asked for and came in, or is overdue."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.clock import today
from komuna_registry.notices.rules import Template
from komuna_shared import audit
from komuna_shared.database import Database, Record
from komuna_shared.logging import log
from komuna_shared.worker import Schedule

from .evidence import find_fulfilling
from .models import MunicipalNotice, MunicipalNoticeRecipient
from .operations import tell_officers
from .rules import FulfilledBy

_AT_ONCE = 200


def municipal_notice_schedules() -> list[Schedule]:
    """Return what runs by the clock."""
    return [
        Schedule("find_fulfilled_notices", "* * * * *", find_fulfilled),
        Schedule("remind_of_overdue_notices", "*/15 * * * *", remind_overdue),
    ]


async def find_fulfilled(database: Database, _: dict[str, Any]) -> None:
    """Mark as fulfilled whatever came into the register after it was asked for."""
    async with database.session() as session:
        count = 0
        for one in await find_fulfilling(session, today()):
            if one.came_after:
                count += await _fulfil(session, one)
    if count:
        log.info("notices_fulfilled", count=count)


async def _fulfil(session: AsyncSession, shown: Record) -> int:
    """Mark one municipality; the first record that shows it stays."""
    marked = await session.execute(
        update(MunicipalNoticeRecipient)
        .where(
            MunicipalNoticeRecipient.notice == shown.notice,
            MunicipalNoticeRecipient.municipality == shown.municipality,
            MunicipalNoticeRecipient.fulfilled_at.is_(None),
        )
        .values(
            fulfilled_at=datetime.now(UTC),
            fulfilled_by=FulfilledBy.RULE,
            evidence_type=shown.type,
            evidence=shown.id,
            version=MunicipalNoticeRecipient.version + 1,
        )
        .returning(MunicipalNoticeRecipient.notice)
    )
    if marked.one_or_none() is None:
        return 0
    await _record(session, "municipal_notice.fulfil", shown)
    return 1


async def remind_overdue(database: Database, _: dict[str, Any]) -> None:
    """Tell the officers of every municipality that is overdue, once."""
    overdue = (
        select(
            MunicipalNoticeRecipient.notice,
            MunicipalNoticeRecipient.municipality,
            MunicipalNotice.due_on,
        )
        .join_from(
            MunicipalNoticeRecipient,
            MunicipalNotice,
            MunicipalNotice.id == MunicipalNoticeRecipient.notice,
        )
        .where(
            MunicipalNotice.due_on < today(),
            MunicipalNoticeRecipient.fulfilled_at.is_(None),
            MunicipalNoticeRecipient.reminder.is_(None),
        )
        .order_by(MunicipalNotice.due_on, MunicipalNoticeRecipient.notice)
        .limit(_AT_ONCE)
        .with_for_update(of=MunicipalNoticeRecipient, skip_locked=True)
    )
    async with database.session() as session:
        rows = (await session.execute(overdue)).all()
        for row in rows:
            await _remind(session, row)
    if rows:
        log.info("notices_reminded", count=len(rows))


async def _remind(session: AsyncSession, row: Record) -> None:
    reminder = await tell_officers(
        session, Template.REQUEST_OVERDUE, row.notice, row.municipality, row.due_on
    )
    await session.execute(
        update(MunicipalNoticeRecipient)
        .where(
            MunicipalNoticeRecipient.notice == row.notice,
            MunicipalNoticeRecipient.municipality == row.municipality,
        )
        .values(reminder=reminder, version=MunicipalNoticeRecipient.version + 1)
    )
    await _record(session, "municipal_notice.remind", row)


async def _record(session: AsyncSession, action: str, row: Record) -> None:
    await audit.record(
        session,
        None,
        action=action,
        subject_type="municipal_notice",
        subject_id=str(row.notice),
    )
