"""The vocabulary of a case: four regions that move separately.

Support never waits for identification or cooperation; that is why there is no single status.
"""

from enum import StrEnum


class RecordState(StrEnum):
    """Where the record stands."""

    OPEN = "open"
    ON_HOLD = "on_hold"
    CLOSED = "closed"
    REOPENED = "reopened"
    ARCHIVED = "archived"
    ENTERED_IN_ERROR = "entered_in_error"


class Identification(StrEnum):
    """What the deciding body has found so far."""

    SCREENED = "screened"
    PRESUMED = "presumed"
    IDENTIFIED = "identified"
    NOT_IDENTIFIED = "not_identified"
    UNRESOLVED = "unresolved"


class Assistance(StrEnum):
    """What the person is given; `declined_by_person` is never final."""

    NONE = "none"
    OFFERED = "offered"
    REFLECTION = "reflection"
    SHORT_TERM = "short_term"
    LONG_TERM = "long_term"
    FOLLOW_UP = "follow_up"
    ENDED = "ended"
    DECLINED_BY_PERSON = "declined_by_person"


class Risk(StrEnum):
    """The last rating of the danger the person is in."""

    UNASSESSED = "unassessed"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


ACTIVE = frozenset({RecordState.OPEN, RecordState.REOPENED})
"""The records that somebody works on."""
