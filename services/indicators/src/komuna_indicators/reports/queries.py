"""What the database is asked about reports: who must send one, and what came. All is public."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_indicators.clock import day_of
from komuna_indicators.obligations import rules as due
from komuna_indicators.obligations.queries import find_reporters
from komuna_indicators.obligations.rules import Obligation
from komuna_indicators.periods import Period
from komuna_indicators.submissions.queries import SUBMISSION
from komuna_indicators.submissions.rules import State

from . import rules
from .rules import Arrival, ReportState

Connection = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class Report:
    """One reporter's report for one period, and where it is today."""

    obligation: str
    municipality: str
    period: Period
    due_on: date
    state: ReportState
    arrival: Arrival | None
    is_synthetic: bool


async def list_reports(
    connection: Connection, obligation: Obligation, period: Period, today: date
) -> Sequence[Report]:
    """Return the report of every reporter for a period, by municipality."""
    arrivals = await _arrivals(connection, obligation.code, period)
    reporters = await find_reporters(connection, due.last_day(period))
    due_on = due.due_on(obligation, period)
    return [
        Report(
            obligation=obligation.code,
            municipality=slug,
            period=period,
            due_on=due_on,
            state=rules.state_of(arrivals.get(slug), due_on, today),
            arrival=arrivals.get(slug),
            is_synthetic=obligation.is_synthetic,
        )
        for slug in reporters
    ]


async def list_overdue(
    connection: Connection, obligation: Obligation, today: date
) -> Sequence[Report]:
    """Return the reports that nobody sent although they are due, of all periods."""
    return [
        report
        for period in due.ended_periods(obligation, today)
        for report in await list_reports(connection, obligation, period, today)
        if report.state is ReportState.OVERDUE
    ]


async def _arrivals(
    connection: Connection, obligation: str, period: Period
) -> Mapping[str, Arrival]:
    columns = SUBMISSION.c
    versions = (
        select(columns.municipality, columns.submitted_at, columns.state, columns.version_no)
        .where(columns.obligation == obligation, columns.period_from == period.start)
        .order_by(columns.municipality, columns.version_no)
    )
    found: dict[str, Arrival] = {}
    for row in await connection.execute(versions):
        first = found.get(row.municipality)
        first_on = day_of(row.submitted_at) if first is None else first.first_on
        found[row.municipality] = Arrival(first_on, State(row.state), row.version_no)
    return found
