"""Which days a period stands for, in the ways that reports and figures write one."""

import re
from datetime import date, timedelta

from komuna_registry import periods
from komuna_shared.errors import BadRequestError, FieldError, RuleError

from .rules import Days

_PART = re.compile(r"([0-9]{4})-(S[12]|Q[1-4])")
_DURATION = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})/P([0-9]{1,4})([MD])")
_MONTHS = {"S": 6, "Q": 3}
_ONE_DAY = timedelta(days=1)
_LAST_YEAR = 9998


class PeriodError(RuleError):
    """The text is no period."""

    code = "unknown_period"
    detail = "Write a period as `2020`, `2020-11`, `2020-S1`, `2020-Q3` or `2020-01-01/P9M`."

    def __init__(self) -> None:
        super().__init__(errors=(FieldError("/period", self.code),))


class QueryPeriodError(BadRequestError):
    """A parameter is no period."""

    code = PeriodError.code
    detail = PeriodError.detail


def read_asked(parameter: str, text: str | None) -> Days | None:
    """Return the days of a period that a query asks for, or None where it asks for none."""
    try:
        return None if text is None else read_days(text)
    except PeriodError as error:
        wrong = FieldError(f"/query/{parameter}", error.code)
        raise QueryPeriodError(errors=(wrong,)) from None


def read_days(text: str) -> Days:
    """Return the first and last day of a period: a date of any precision, or as figures write one.

    Two dates with `..` between are one period from the first to the last.
    """
    try:
        return _read(text)
    except (ValueError, OverflowError, RuleError):
        raise PeriodError from None


def _read(text: str) -> Days:
    part = _PART.fullmatch(text)
    if part is not None:
        year, kind, number = int(part[1]), part[2][0], int(part[2][1])
        months = _MONTHS[kind]
        return _of_months(date(year, months * (number - 1) + 1, 1), months)
    duration = _DURATION.fullmatch(text)
    if duration is not None:
        start, length = date.fromisoformat(duration[1]), int(duration[2])
        if length == 0:
            raise PeriodError
        is_months = duration[3] == "M"
        return _of_months(start, length) if is_months else _of_days(start, length)
    span = periods.parse(text)
    if span.first is None or span.last is None:
        raise PeriodError
    return Days(span.first, span.last)


def _of_months(start: date, months: int) -> Days:
    years, month = divmod(start.month - 1 + months, 12)
    if start.year + years > _LAST_YEAR:
        raise PeriodError
    return Days(start, date(start.year + years, month + 1, start.day) - _ONE_DAY)


def _of_days(start: date, days: int) -> Days:
    return Days(start, start + timedelta(days=days - 1))
