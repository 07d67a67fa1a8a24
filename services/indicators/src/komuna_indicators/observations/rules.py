"""What a figure may be: its status, why it is missing, its qualifier, where it comes from."""

from enum import StrEnum


class Status(StrEnum):
    """The observation status, SDMX codes plus X for sources that contradict each other."""

    NORMAL = "A"
    ESTIMATED = "E"
    PROVISIONAL = "P"
    LOW_RELIABILITY = "U"
    NOT_COLLECTED = "L"
    NOT_RECEIVED = "O"
    CANNOT_EXIST = "M"
    SUPPRESSED = "Q"
    CONTRADICTORY = "X"


class Reason(StrEnum):
    """Why a figure is missing."""

    BLANK_IN_SOURCE = "blank_in_source"
    NOT_IN_SOURCE = "not_in_source"
    NOT_RECEIVED = "not_received"
    CANNOT_EXIST = "cannot_exist"
    SUPPRESSED = "suppressed"
    SOURCES_DISAGREE = "sources_disagree"


class Qualifier(StrEnum):
    """How exact a printed figure claims to be, where the document says so."""

    OVER = "over"
    AROUND = "around"
    AT_LEAST = "at_least"
    APPROXIMATELY = "approximately"


class Origin(StrEnum):
    """Where a figure comes from; origins are never mixed in one aggregate."""

    PUBLISHED = "published"
    COMPUTED = "computed"
    SUBMITTED = "submitted"
    SYNTHETIC = "synthetic"


STATED = (Origin.PUBLISHED, Origin.COMPUTED)
"""What documents state or lists give; the rest becomes public through a release of reports."""


class InputRole(StrEnum):
    """What an input is to the figure that rests on it."""

    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    PART = "part"


MISSING: dict[Status, frozenset[Reason]] = {
    Status.NOT_COLLECTED: frozenset({Reason.NOT_IN_SOURCE}),
    Status.NOT_RECEIVED: frozenset({Reason.BLANK_IN_SOURCE, Reason.NOT_RECEIVED}),
    Status.CANNOT_EXIST: frozenset({Reason.CANNOT_EXIST}),
    Status.SUPPRESSED: frozenset({Reason.SUPPRESSED}),
    Status.CONTRADICTORY: frozenset({Reason.SOURCES_DISAGREE}),
}
"""The statuses that stand without a value, each with the reasons it may have."""


IDENTITY = (
    "indicator",
    "municipality",
    "period_from",
    "period_to",
    "breakdown",
    "origin",
    "source",
)
"""What makes a current statement the only one of its kind, in the order of every list."""


def agrees(*, has_value: bool, status: Status, reason: Reason | None) -> bool:
    """Say whether value, status and reason tell the same story: a figure, or why there is none."""
    if has_value:
        return status not in MISSING and reason is None
    return status in MISSING and reason in MISSING[status]
