"""Where each report of an obligation is: awaited, overdue, in, and whether it came in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from komuna_indicators.submissions.rules import State, is_late

_VERIFIED = frozenset({State.VERIFIED, State.PUBLISHED})
_HUNDRED = Decimal(100)
_ONE_PLACE = Decimal("0.1")


class ReportState(StrEnum):
    """Where a report is."""

    DUE = "due"
    OVERDUE = "overdue"
    RECEIVED = "received"
    LATE = "late"
    ON_TIME = "on_time"


@dataclass(frozen=True, slots=True)
class Arrival:
    """When the first version of a report came, and where its last one is."""

    first_on: date
    state: State
    version_no: int


def state_of(arrival: Arrival | None, due_on: date, today: date) -> ReportState:
    """Return where a report is: `received` until it is verified, then `on_time` or `late`."""
    if arrival is None:
        return ReportState.OVERDUE if is_late(today, due_on) else ReportState.DUE
    if arrival.state not in _VERIFIED:
        return ReportState.RECEIVED
    return ReportState.LATE if is_late(arrival.first_on, due_on) else ReportState.ON_TIME


@dataclass(frozen=True, slots=True)
class Rates:
    """How many reports came, and how many of them in time, as percentages of all that are due."""

    expected: int
    received: int
    in_time: int
    verified: int

    @property
    def completeness(self) -> Decimal | None:
        """Return the share of reports that came; nothing where none is expected."""
        return _share(self.received, self.expected)

    @property
    def timeliness(self) -> Decimal | None:
        """Return the share of reports that came in time; nothing where none is expected."""
        return _share(self.in_time, self.expected)


def rates(arrivals: Sequence[Arrival | None], due_on: date) -> Rates:
    """Return the rates of all reporters of a period, those who sent nothing included."""
    came = [arrival for arrival in arrivals if arrival is not None]
    return Rates(
        expected=len(arrivals),
        received=len(came),
        in_time=sum(not is_late(arrival.first_on, due_on) for arrival in came),
        verified=sum(arrival.state in _VERIFIED for arrival in came),
    )


def _share(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(part) / whole * _HUNDRED).quantize(_ONE_PLACE, ROUND_HALF_UP)
