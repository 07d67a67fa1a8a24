"""The vocabulary of activities, and how they are counted without counting one twice unseen."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import product

from komuna_shared.errors import NotFoundError


class ActivityKind(StrEnum):
    """What was done."""

    TRAINING = "training"
    WORKSHOP = "workshop"
    CONFERENCE = "conference"
    ROUND_TABLE = "round_table"
    OUTREACH_MEETING = "outreach_meeting"
    CAMPAIGN = "campaign"
    PUBLIC_MEETING = "public_meeting"
    ACCESSIBILITY_INSPECTION = "accessibility_inspection"
    WEBSITE_MONITORING = "website_monitoring"
    MOCR_MONITORING = "mocr_monitoring"


class Extent(StrEnum):
    """What the period means: it lasted all of it, or some of it that the source leaves open."""

    THROUGHOUT = "throughout"
    WITHIN = "within"


class Part(StrEnum):
    """What an institution or a municipality did for the activity."""

    ORGANISER = "organiser"
    SUPPORTER = "supporter"
    PARTICIPANT = "participant"


class ParticipantStatus(StrEnum):
    """Why a number of participants is there or is not."""

    ACTUAL = "A"
    BLANK = "O"
    NOT_IN_SOURCE = "L"


class Reason(StrEnum):
    """Why a number of participants is missing."""

    BLANK_IN_SOURCE = "blank_in_source"
    NOT_IN_SOURCE = "not_in_source"
    NOTHING_RECORDED = "nothing_recorded"


REASONS = {
    ParticipantStatus.BLANK: Reason.BLANK_IN_SOURCE,
    ParticipantStatus.NOT_IN_SOURCE: Reason.NOT_IN_SOURCE,
}


class Breakdown(StrEnum):
    """By what activities and their participants are counted."""

    KIND = "kind"
    MUNICIPALITY = "municipality"
    ORGANISER = "organiser"
    SEX = "sex"
    COMMUNITY = "community"


class ActivityNotFoundError(NotFoundError):
    """There is no activity of that code."""

    detail = "There is no such activity."


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day that a period stands for."""

    first: date
    last: date

    def holds(self, other: "Days") -> bool:
        """Tell whether the other lies inside."""
        return self.first <= other.first and other.last <= self.last

    def meets(self, other: "Days") -> bool:
        """Tell whether the two share a day."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class Attended:
    """How many of one sex and community took part; None where no source tells."""

    sex: str | None
    community: str | None
    persons: int | None
    status: ParticipantStatus = ParticipantStatus.NOT_IN_SOURCE


@dataclass(frozen=True, slots=True)
class Held:
    """What is counted of one activity; no participants means that nobody told of them."""

    kind: str
    days: Days
    municipalities: tuple[str, ...] = ()
    organisers: tuple[str, ...] = ()
    participants: tuple[Attended, ...] = ()


@dataclass(slots=True)
class Group:
    """The activities that share one value of each breakdown."""

    activities: int = 0
    untold: int = 0
    persons: int | None = None
    # Whatever is not told is a blank of a printed table.
    is_blank: bool = field(default=True, compare=False)

    def add(self, attended: Sequence[Attended]) -> None:
        """Count one activity, and those of its participants that belong here."""
        told = [one.persons for one in attended if one.persons is not None]
        self.activities += 1
        self.untold += len(told) < len(attended) or not attended
        self.is_blank &= bool(attended) and all(
            one.status is ParticipantStatus.BLANK for one in attended if one.persons is None
        )
        if told:
            self.persons = (self.persons or 0) + sum(told)


def find_missing(group: Group) -> tuple[ParticipantStatus, Reason | None]:
    """Return the status of the participants of a group, and why they are missing if they are."""
    if group.persons is not None:
        return ParticipantStatus.ACTUAL, None
    if not group.activities:
        return ParticipantStatus.NOT_IN_SOURCE, Reason.NOTHING_RECORDED
    status = ParticipantStatus.BLANK if group.is_blank else ParticipantStatus.NOT_IN_SOURCE
    return status, REASONS[status]


Values = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """Activities by some breakdowns, their whole, and what was left out or stands twice."""

    whole: Group
    groups: dict[Values, Group] = field(default_factory=dict)
    overlapping: int = 0

    @property
    def repeated(self) -> int:
        """How often an activity stands in one more group, having several of one breakdown."""
        return sum(group.activities for group in self.groups.values()) - self.whole.activities

    @property
    def repeated_persons(self) -> int:
        """How many participants stand in one more group with their activity."""
        counted = sum(group.persons or 0 for group in self.groups.values())
        return counted - (self.whole.persons or 0)


def count_activities(
    held: Iterable[Held], by: Sequence[Breakdown], period: Days | None = None
) -> Counted:
    """Return how many activities lie wholly in the period, and how many only touch it.

    One that only touches it is in no group: another part of the same time may ask for it too.
    """
    whole, groups, overlapping = Group(), defaultdict[Values, Group](Group), 0
    for one in held:
        if period is not None and not period.holds(one.days):
            overlapping += period.meets(one.days)
            continue
        whole.add(one.participants)
        for values, attended in _split(one, by):
            groups[values].add(attended)
    return Counted(whole, dict(groups), overlapping)


def _split(one: Held, by: Sequence[Breakdown]) -> Iterator[tuple[Values, list[Attended]]]:
    people = [breakdown for breakdown in by if breakdown in {Breakdown.SEX, Breakdown.COMMUNITY}]
    parts: defaultdict[Values, list[Attended]] = defaultdict(list)
    for attended in one.participants:
        parts[tuple(getattr(attended, breakdown) for breakdown in people)].append(attended)
    if not parts:
        parts[(None,) * len(people)] = []
    # One with two organisers is one activity, unless it is counted by them.
    places = one.municipalities if Breakdown.MUNICIPALITY in by else ()
    organisers = one.organisers if Breakdown.ORGANISER in by else ()
    for place, organiser, (told, attended_by) in product(
        places or (None,), organisers or (None,), parts.items()
    ):
        named: dict[Breakdown, str | None] = {
            Breakdown.KIND: one.kind,
            Breakdown.MUNICIPALITY: place,
            Breakdown.ORGANISER: organiser,
            **dict(zip(people, told, strict=True)),
        }
        yield tuple(named[breakdown] for breakdown in by), attended_by
