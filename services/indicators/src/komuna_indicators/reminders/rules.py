"""When whoever owes a report is reminded of it, and in which words."""

from datetime import date, timedelta
from enum import StrEnum

_SOON = timedelta(days=3)
_AGAIN = timedelta(days=14)
_GIVEN_UP = timedelta(days=366)


class Step(StrEnum):
    """One reminder of a report; each is sent once."""

    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    OVERDUE_AGAIN = "overdue_again"


class State(StrEnum):
    """Where a reminder stands."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"


TEMPLATES = {
    Step.DUE_SOON: "report_due",
    Step.OVERDUE: "report_overdue",
    Step.OVERDUE_AGAIN: "report_overdue",
}
"""Which of registry's letters says it."""

ROLE = "municipal_officer"
"""Who is written to."""


def step_on(due_on: date, today: date) -> Step | None:
    """Return the reminder that a missing report calls for on a day.

    Only the latest one: whoever was not reminded in time gets one letter, not all of them at once.
    """
    late = today - due_on
    if late > _GIVEN_UP or late < -_SOON:
        return None
    if late <= timedelta(0):
        return Step.DUE_SOON
    return Step.OVERDUE if late < _AGAIN else Step.OVERDUE_AGAIN


def is_worth_sending(step: Step, due_on: date, today: date, *, is_missing: bool) -> bool:
    """Say whether a reminder that waited, since registry was silent, still says what is true."""
    return is_missing and (step is not Step.DUE_SOON or today <= due_on)
