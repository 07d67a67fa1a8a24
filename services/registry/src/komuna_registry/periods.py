"""What span of days an imprecise date stands for, and when something certainly or possibly held."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from komuna_shared.errors import FieldError, RuleError

_ONE_DAY = timedelta(days=1)
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_ONE = "[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"
# For documents; that a month has that day, and that the end comes last, no pattern tells.
PATTERN = rf"^(?:(?:{_ONE})?\.\.)?{_ONE}$"


class ImpreciseDateError(RuleError):
    """The text is no year, month, day or range of them."""

    code = "imprecise_date"
    detail = "Write a year, a month or a day, or two of them with '..' between."


class PeriodOrderError(RuleError):
    """The end comes before the beginning."""

    code = "period_order"
    detail = "The end comes before the beginning."


class Certainty(StrEnum):
    """How sure it is that something held on a day."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day a date may mean; an open side is None."""

    first: date | None
    last: date | None
    is_day: bool


@dataclass(frozen=True, slots=True)
class Days:
    """A half-open range of days; an open side is None."""

    lower: date | None
    upper: date | None

    @property
    def is_empty(self) -> bool:
        """Say whether no day lies inside."""
        return self.lower is not None and self.upper is not None and self.lower >= self.upper

    def holds(self, day: date) -> bool:
        """Say whether `day` lies inside."""
        return (self.lower is None or self.lower <= day) and (
            self.upper is None or day < self.upper
        )


@dataclass(frozen=True, slots=True)
class Presence:
    """When something held for certain, and when it may have held."""

    certain: Days
    possible: Days

    def on(self, day: date) -> Certainty | None:
        """Return how sure it is that it held on `day`, or None when it did not."""
        if self.certain.holds(day):
            return Certainty.CERTAIN
        return Certainty.POSSIBLE if self.possible.holds(day) else None


def parse(text: str) -> Span:
    """Return the span of `2005`, `2005-06`, `2005-06-30`, `2005..2008` or `..1999`."""
    first, dots, last = text.partition("..")
    if not dots:
        return _parse_one(text)
    begin = _parse_one(first) if first else Span(None, None, is_day=True)
    end = _parse_one(last)
    if begin.first and end.last and begin.first > end.last:
        raise PeriodOrderError
    return Span(begin.first, end.last, is_day=end.is_day)


def presence(
    since: str | None, until: str | None, attested_on: str | None = None, *, at: str = "/until"
) -> Presence:
    """Return when something held that began `since`, ended `until` and was seen `attested_on`.

    Without an attestation an open end means that it still holds. `at` is where the request has the
    end, or what else would make it come first.
    """
    seen = parse(attested_on) if attested_on else None
    earliest, latest = _beginning(parse(since) if since else None, seen)
    soonest, farthest = _ending(parse(until) if until else None, seen, is_begun=since is not None)
    possible = Days(earliest, farthest)
    if possible.is_empty:
        raise PeriodOrderError(errors=(FieldError(at, "period_order"),))
    return Presence(Days(latest, soonest), possible)


def _parse_one(text: str) -> Span:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ImpreciseDateError
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        return _span(year or 0, month, day)
    except ValueError:
        raise ImpreciseDateError from None


def _span(year: int, month: int | None, day: int | None) -> Span:
    if month is None:
        return Span(date(year, 1, 1), date(year, 12, 31), is_day=False)
    if day is None:
        return Span(
            date(year, month, 1), date(year, month, monthrange(year, month)[1]), is_day=False
        )
    return Span(date(year, month, day), date(year, month, day), is_day=True)


def _beginning(begun: Span | None, seen: Span | None) -> tuple[date | None, date | None]:
    if begun is None:
        return (seen.first, seen.last) if seen else (None, None)
    if seen is None or seen.last is None or begun.last is None:
        return begun.first, begun.last
    return begun.first, min(begun.last, seen.last)


def _ending(
    ended: Span | None, seen: Span | None, *, is_begun: bool
) -> tuple[date | None, date | None]:
    if ended is not None and ended.last is not None:
        farthest = ended.last if ended.is_day else _day_after(ended.last)
        return ended.first or date.min, farthest
    if seen is None or seen.first is None or seen.last is None:
        return None, None
    return _day_after(seen.first), None if is_begun else _day_after(seen.last)


def _day_after(day: date) -> date:
    # There is none after the last day that a date can be.
    return day if day == date.max else day + _ONE_DAY
