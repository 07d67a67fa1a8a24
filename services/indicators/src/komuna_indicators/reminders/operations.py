"""Writing down which reminders are due, and asking registry for each of them once."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators import periods
from komuna_indicators.clients.registry import RegistryClient
from komuna_indicators.obligations.queries import find_all
from komuna_indicators.obligations.rules import due_on, ended_periods
from komuna_indicators.periods import Period
from komuna_indicators.reports.queries import Report, list_reports
from komuna_shared.database import Database
from komuna_shared.errors import UnavailableError
from komuna_shared.http import RefusedError
from komuna_shared.logging import log

from . import queries, rules
from .models import Reminder
from .rules import State, Step


async def remind(database: Database, registry: RegistryClient, today: date) -> None:
    """Send every reminder that is due, as far as registry answers; the rest waits."""
    async with database.session() as session:
        await plan(session, today)
    await send(database, registry, today)


async def plan(session: AsyncSession, today: date) -> None:
    """Write down each reminder that a missing report calls for, once."""
    for obligation in await find_all(session):
        for period in ended_periods(obligation, today):
            step = rules.step_on(due_on(obligation, period), today)
            if step is not None:
                reports = await list_reports(session, obligation, period, today)
                await _plan(session, reports, step)


async def send(database: Database, registry: RegistryClient, today: date) -> None:
    """Ask registry for what waits, each under its own key, so that no letter is written twice.

    A crash between the asking and the writing down asks again under the same key, which registry
    answers without doing anything again.
    """
    async with database.session() as session:
        waiting = await queries.find_waiting(session)
    for reminder in waiting:
        if not await _is_worth_sending(database, reminder, today):
            await _note(database, reminder, State.DROPPED)
            continue
        try:
            await _ask(registry, reminder)
        except UnavailableError:
            # It was logged where it failed; everything that waits will be asked for again.
            await _note(database, reminder, State.WAITING)
            return
        except RefusedError as refused:
            log.warning("notice_refused", code=refused.code, status=refused.status)
            await _note(database, reminder, State.WAITING)
        else:
            await _note(database, reminder, State.SENT)


async def _plan(session: AsyncSession, reports: Iterable[Report], step: Step) -> None:
    rows = [
        {
            "obligation": one.obligation,
            "municipality": one.municipality,
            "period_from": one.period.start,
            "period_to": one.period.end,
            "step": step,
            "due_on": one.due_on,
        }
        for one in reports
        if one.arrival is None
    ]
    if rows:
        await session.execute(insert(Reminder).values(rows).on_conflict_do_nothing())


async def _is_worth_sending(database: Database, reminder: Row[Any], today: date) -> bool:
    async with database.session() as session:
        is_missing = await queries.is_missing(
            session,
            obligation=reminder.obligation,
            municipality=reminder.municipality,
            period_from=reminder.period_from,
        )
    return rules.is_worth_sending(reminder.step, reminder.due_on, today, is_missing=is_missing)


async def _ask(registry: RegistryClient, reminder: Row[Any]) -> None:
    period = periods.code(Period(reminder.period_from, reminder.period_to))
    await registry.send_notice(
        rules.TEMPLATES[reminder.step],
        {"role": rules.ROLE, "municipality": reminder.municipality},
        {
            "obligation": reminder.obligation,
            "period": period or "",
            "due_on": reminder.due_on.isoformat(),
        },
        key=str(reminder.id),
    )


async def _note(database: Database, reminder: Row[Any], state: State) -> None:
    told = {"state": state, "attempt_count": Reminder.attempt_count + 1}
    if state is State.SENT:
        told["sent_at"] = func.now()
    changed = update(Reminder).where(Reminder.id == reminder.id, Reminder.state == State.WAITING)
    async with database.session() as session:
        await session.execute(changed.values(told))
