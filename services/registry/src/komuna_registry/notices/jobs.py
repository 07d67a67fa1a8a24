"""Sending letters in the worker: at least once, with patience, and none forgotten.

A letter is marked as sent after the mail server took it. A worker that dies in between sends it
once more under the same Message-ID, by which a reader's server may drop the second.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.models import Account
from komuna_registry.settings import Settings
from komuna_shared import jobs
from komuna_shared.database import Database, Record
from komuna_shared.jobs import Handler
from komuna_shared.logging import log
from komuna_shared.worker import Schedule

from . import rules
from .letters import Letter, write_letter
from .models import Delivery, Notice
from .operations import SEND
from .rules import DeliveryState
from .sending import NotSentError, Send, make_sender

# A queued letter that is due for this long has no job any more.
_FORGOTTEN = timedelta(minutes=10)
_AT_ONCE = 500


def notice_jobs(settings: Settings) -> dict[str, Handler]:
    """Return the job that sends one letter."""
    send = make_sender(settings)

    async def send_letter(database: Database, payload: dict[str, Any]) -> None:
        async with database.session() as session:
            row = await _claim(session, UUID(payload["delivery"]))
            if row is not None:
                await _deliver(session, row, send, settings)

    return {SEND: send_letter}


def notice_schedules() -> list[Schedule]:
    """Return what looks for letters whose job was lost."""
    return [Schedule("find_forgotten_letters", "*/10 * * * *", find_forgotten)]


async def find_forgotten(database: Database, _: dict[str, Any]) -> None:
    """Give every letter that has been due for long a job again."""
    due = func.now() - _FORGOTTEN
    statement = (
        select(Delivery.id)
        .where(Delivery.state == DeliveryState.QUEUED, Delivery.next_at < due)
        .order_by(Delivery.next_at)
        .limit(_AT_ONCE)
    )
    async with database.session() as session:
        for delivery in await session.scalars(statement):
            await jobs.enqueue(
                session, SEND, {"delivery": str(delivery)}, dedupe_key=f"{SEND}:{delivery}"
            )


async def _claim(session: AsyncSession, delivery: UUID) -> Record | None:
    """Return a letter that still waits, held by this transaction, or None."""
    statement = (
        select(
            Delivery.id,
            Delivery.attempts,
            Notice.template,
            Notice.params,
            Notice.created_at,
            Account.work_contact,
            Account.language,
        )
        .join_from(Delivery, Notice, Notice.id == Delivery.notice)
        .join(Account, Account.id == Delivery.account)
        .where(Delivery.id == delivery, Delivery.state == DeliveryState.QUEUED)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    return (await session.execute(statement)).one_or_none()


async def _deliver(session: AsyncSession, row: Record, send: Send, settings: Settings) -> None:
    attempts = row.attempts + 1
    try:
        letter = _write(row)
        channel = await send(
            write_letter(letter, sender=settings.mail_from, public_url=settings.public_url)
        )
    except NotSentError as failure:
        await _put_off(session, row.id, attempts, failure)
        return
    await _set(
        session,
        row.id,
        state=DeliveryState.SENT,
        attempts=attempts,
        channel=channel,
        sent_at=datetime.now(UTC),
        code=None,
    )
    log.info("letter_sent", job_id=str(row.id), attempt=attempts)


def _write(row: Record) -> Letter:
    address = rules.find_address(row.work_contact)
    if address is None:
        # It had one when the notice was made.
        raise NotSentError("no_address", is_permanent=True)
    return Letter(row.id, row.template, row.params, address, row.language, row.created_at)


async def _put_off(
    session: AsyncSession, delivery: UUID, attempts: int, failure: NotSentError
) -> None:
    wait = None if failure.is_permanent else rules.find_wait(attempts)
    log.warning("letter_not_sent", job_id=str(delivery), attempt=attempts, code=failure.code)
    if wait is None:
        state = DeliveryState.FAILED
        await _set(session, delivery, state=state, attempts=attempts, code=failure.code)
        return
    due = datetime.now(UTC) + wait
    await _set(session, delivery, attempts=attempts, code=failure.code, next_at=due)
    await jobs.enqueue(session, SEND, {"delivery": str(delivery)}, delay=wait)


async def _set(session: AsyncSession, delivery: UUID, **values: Any) -> None:
    await session.execute(update(Delivery).where(Delivery.id == delivery).values(**values))
