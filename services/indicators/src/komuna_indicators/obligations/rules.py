"""What must be reported when: the periods of an obligation, and the day each report is due."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from komuna_indicators.periods import Period, following
from komuna_shared.errors import RuleError

FREQUENCIES = {"month": "M", "quarter": "Q", "half_year": "S", "year": "A"}
"""The SDMX frequency of each periodicity that is due by the calendar."""

FIRST_SYNTHETIC = date(2026, 1, 1)
"""Invented figures exist for periods from here on only, never for the past of real places."""


class Reporters(StrEnum):
    """Who must report."""

    ALL_MUNICIPALITIES = "all_municipalities"


class PeriodNotDueError(RuleError):
    """Nothing is reported for this period."""

    code = "period_not_due"
    detail = "Nothing is reported for this period under this obligation."


class PeriodNotOverError(RuleError):
    """A report tells of a whole period, so it cannot come before its end."""

    code = "period_not_over"
    detail = "This period is not over yet; its report can be sent from the day after."


@dataclass(frozen=True, slots=True)
class Obligation:
    """Who reports what, from which period on, and how many days after the period's last day."""

    code: str
    version: str
    names: Mapping[str, str]
    form: str
    frequency: str
    first_period: Period
    due_days: int
    is_synthetic: bool
    reporters: Reporters = Reporters.ALL_MUNICIPALITIES


def due_on(obligation: Obligation, period: Period) -> date:
    """Return the last day in Kosovo on which the report is in time."""
    return last_day(period) + timedelta(days=obligation.due_days)


def last_day(period: Period) -> date:
    """Return the last day of a period; whoever exists then must report."""
    return period.end - timedelta(days=1)


def check_period(obligation: Obligation, period: Period, today: date) -> None:
    """Raise unless a report for this period may be sent today."""
    if period.frequency != obligation.frequency or period.start < obligation.first_period.start:
        raise PeriodNotDueError
    if today < period.end:
        raise PeriodNotOverError


def ended_periods(obligation: Obligation, today: date) -> Iterator[Period]:
    """Yield the periods that are over, the earliest first."""
    period = obligation.first_period
    while period.end <= today:
        yield period
        period = following(period)
