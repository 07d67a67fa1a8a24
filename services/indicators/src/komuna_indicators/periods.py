"""Periods as statistics write them: a code outside, a half-open range of days inside."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from komuna_shared.errors import RuleError

_EARLIEST_YEAR, _LATEST_YEAR = 1000, 9000
_MONTHS_OF = {"A": 12, "S": 6, "T": 4, "Q": 3, "M": 1}
_YEAR = re.compile(r"(\d{4})(?:-A1)?")
_PART = re.compile(r"(\d{4})-([STQM])(\d{1,2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INTERVAL = re.compile(
    r"(\d{4}-\d{2}-\d{2})/P(?=\d)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,6})D)?",
)


class PeriodError(RuleError):
    """The text names no period."""

    code = "unknown_period"
    detail = "This is no period; write `2020`, `2020-S1`, `2020-Q3`, `2020-11` or `2020-01-01/P9M`."


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from `start` up to, not including, `end`."""

    start: date
    end: date

    @property
    def is_stated(self) -> bool:
        """Say whether the source names this period at all."""
        return self != UNSTATED

    @property
    def frequency(self) -> str | None:
        """Return the SDMX frequency of a calendar period, nothing for a free interval."""
        if not self.is_stated:
            return None
        months = _whole_months(self)
        for frequency, length in _MONTHS_OF.items():
            if months == length and self.start.day == 1 and (self.start.month - 1) % length == 0:
                return frequency
        days = (self.end - self.start).days
        if days == 7 and self.start.isoweekday() == 1:  # noqa: PLR2004 - a week has seven days
            return "W"
        return "D" if days == 1 else None

    def contains(self, other: "Period") -> bool:
        """Say whether every day of `other` is a day of this period."""
        return self.start <= other.start and other.end <= self.end


# A figure without a stated period stands for some days that nobody named: any of them.
UNSTATED = Period(date.min, date.max)


def parse(text: str) -> Period:
    """Return the period a code or an interval stands for, or raise `PeriodError`."""
    try:
        period = _read(text)
    except (ValueError, OverflowError):
        raise PeriodError from None
    if period is None or not (
        period.start.year >= _EARLIEST_YEAR and period.end.year <= _LATEST_YEAR
    ):
        raise PeriodError
    return period


def code(period: Period) -> str | None:
    """Return the one way to write a period; nothing where none is stated."""
    if not period.is_stated:
        return None
    write = _WRITTEN.get(period.frequency or "", _written_interval)
    return write(period)


def following(period: Period) -> Period:
    """Return the calendar period of the same length after this one; months, or whole years."""
    months = _whole_months(period)
    if months is None:
        return Period(period.end, period.end + (period.end - period.start))
    return Period(period.end, _later(period.end, months))


def _read(text: str) -> Period | None:
    for pattern, build in _READERS:
        if found := pattern.fullmatch(text):
            return build(found)
    return None


def _read_week(found: re.Match[str]) -> Period:
    start = date.fromisocalendar(int(found[1]), int(found[2]), 1)
    return Period(start, start + timedelta(days=7))


def _read_day(found: re.Match[str]) -> Period:
    day = date.fromisoformat(found[0])
    return Period(day, day + timedelta(days=1))


def _read_interval(found: re.Match[str]) -> Period | None:
    start = date.fromisoformat(found[1])
    years, months, days = (int(part or 0) for part in found.groups()[1:])
    end = _later(start, years * 12 + months) + timedelta(days=days)
    return Period(start, end) if end > start else None


def _part(year: int, frequency: str, number: int) -> Period:
    length = _MONTHS_OF[frequency]
    if not 1 <= number <= 12 // length:
        raise PeriodError
    start = date(year, (number - 1) * length + 1, 1)
    return Period(start, _later(start, length))


def _later(day: date, months: int) -> date:
    # A month later than 31 January is no day: ISO leaves it open, so we refuse it (ValueError).
    total = day.year * 12 + day.month - 1 + months
    return day.replace(year=total // 12, month=total % 12 + 1)


def _whole_months(period: Period) -> int | None:
    if period.start.day != period.end.day:
        return None
    years = period.end.year - period.start.year
    return years * 12 + period.end.month - period.start.month


def _written_interval(period: Period) -> str:
    months = _whole_months(period)
    length = f"{(period.end - period.start).days}D" if months is None else f"{months}M"
    return f"{period.start.isoformat()}/P{length}"


def _written_part(period: Period) -> str:
    frequency = period.frequency or ""
    part = (period.start.month - 1) // _MONTHS_OF[frequency] + 1
    return f"{period.start.year:04d}-{frequency}{part}"


def _written_week(period: Period) -> str:
    year, week, _ = period.start.isocalendar()
    return f"{year:04d}-W{week:02d}"


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period | None]], ...] = (
    (_YEAR, lambda found: _part(int(found[1]), "A", 1)),
    (_PART, lambda found: _part(int(found[1]), found[2], int(found[3]))),
    (_MONTH, lambda found: _part(int(found[1]), "M", int(found[2]))),
    (_WEEK, _read_week),
    (_DAY, _read_day),
    (_INTERVAL, _read_interval),
)
_WRITTEN: dict[str, Callable[[Period], str]] = {
    "A": lambda period: f"{period.start.year:04d}",
    "M": lambda period: f"{period.start.year:04d}-{period.start.month:02d}",
    "W": _written_week,
    "D": lambda period: period.start.isoformat(),
    **dict.fromkeys("STQ", _written_part),
}
