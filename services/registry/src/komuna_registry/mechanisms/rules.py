"""What is known of a mechanism in each municipality, and how contradictory statements are told."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from komuna_shared.errors import NotFoundError


class Mandate(StrEnum):
    """Who must have a mechanism of some kind."""

    EVERY_MUNICIPALITY = "every_municipality"
    COMMUNITIES_TEN_PERCENT = "communities_ten_percent"
    BY_AGREEMENT = "by_agreement"
    STRATEGY_LIST = "strategy_list"
    NOT_MANDATORY = "not_mandatory"


class Aspect(StrEnum):
    """Which of its separate states a statement about a mechanism concerns."""

    MANDATORY = "mandatory"
    ESTABLISHED = "established"
    VACANT = "vacant"
    FUNCTIONAL = "functional"
    DISSOLVED = "dissolved"
    COMPOSITION_COMPLIANT = "composition_compliant"


class State(StrEnum):
    """What coverage says of one municipality."""

    IN_PLACE = "in_place"
    MISSING = "missing"
    VACANT = "vacant"
    NOT_REQUIRED = "not_required"
    UNKNOWN = "unknown"
    CONTRADICTORY = "contradictory"


class Requirement(StrEnum):
    """Whether a municipality must have a mechanism."""

    REQUIRED = "required"
    NOT_REQUIRED = "not_required"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why coverage says so."""

    STATED = "stated"
    SOURCES_DISAGREE = "sources_disagree"
    NOT_IN_SOURCE = "not_in_source"
    NO_SOURCE_FOR_DATE = "no_source_for_date"
    POSSIBLE = "possible"
    UNDECIDED = "undecided"
    BY_RULE = "by_rule"
    BEFORE_MANDATE = "before_mandate"
    MANDATE_POSSIBLE = "mandate_possible"
    NOT_LISTED = "not_listed"
    NO_COMMUNITY_SHARE = "no_community_share"
    SHARE_UNDECIDED = "share_undecided"
    SHARE_TEN_PERCENT = "share_ten_percent"
    SHARE_BELOW = "share_below"


class MechanismNotFoundError(NotFoundError):
    """There is no mechanism of that code."""

    detail = "There is no such mechanism."


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: an aspect holds or it does not, for a municipality or for one mechanism.

    It is not certain where the dates of its source leave open whether it holds on the day.
    """

    aspect: Aspect
    holds: bool
    mechanism: str | None = None
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Required:
    """Whether a municipality must have a mechanism, and why."""

    requirement: Requirement
    reason: Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one municipality, and why."""

    state: State
    reason: Reason


_BY_SHARE = (Reason.NO_COMMUNITY_SHARE, Reason.SHARE_UNDECIDED)
_EXISTS = {Aspect.ESTABLISHED, Aspect.FUNCTIONAL}


def find_state(said: Sequence[Said], required: Required, *, is_covered: bool) -> Finding:
    """Return the state that the statements about one municipality add up to.

    `is_covered` tells that some source reports on this kind for the day, so that silence about one
    municipality is the source's silence.
    """
    states = set(_states([one for one in said if one.is_certain]))
    if State.CONTRADICTORY in states or required.reason is Reason.SOURCES_DISAGREE:
        return Finding(State.CONTRADICTORY, Reason.SOURCES_DISAGREE)
    for state in (State.IN_PLACE, State.VACANT):
        if state in states:
            return Finding(state, Reason.STATED)
    if any(one.holds and one.aspect in _EXISTS and not one.is_certain for one in said):
        return Finding(State.UNKNOWN, Reason.POSSIBLE)
    return _find_absent(said, required, State.MISSING in states, is_covered)


def count_states(findings: Iterable[Finding]) -> dict[State, int]:
    """Return how many municipalities are in each state; a state that none is in counts zero."""
    counted = Counter(finding.state for finding in findings)
    return {state: counted[state] for state in State}


def _find_absent(
    said: Sequence[Said],
    required: Required,
    is_missing: bool,  # noqa: FBT001  One place calls this.
    is_covered: bool,  # noqa: FBT001
) -> Finding:
    if not is_missing and any(one.aspect is not Aspect.MANDATORY for one in said):
        return Finding(State.UNKNOWN, Reason.UNDECIDED)
    if required.requirement is Requirement.NOT_REQUIRED:
        return Finding(State.NOT_REQUIRED, required.reason)
    if is_missing:
        return Finding(State.MISSING, Reason.STATED)
    if required.reason in _BY_SHARE:
        return Finding(State.UNKNOWN, required.reason)
    return Finding(State.UNKNOWN, Reason.NOT_IN_SOURCE if is_covered else Reason.NO_SOURCE_FOR_DATE)


def _states(said: Sequence[Said]) -> Iterator[State | None]:
    # What is said of the municipality is said of each mechanism that serves it.
    own = [one for one in said if one.mechanism is None]
    for code in {one.mechanism for one in said} - {None} or {None}:
        yield _state_of([*own, *(one for one in said if code and one.mechanism == code)])


def _state_of(said: Sequence[Said]) -> State | None:
    yes = {one.aspect for one in said if one.holds}
    no = {one.aspect for one in said if not one.holds}
    if yes & no or (Aspect.ESTABLISHED in no and Aspect.FUNCTIONAL in yes):
        return State.CONTRADICTORY
    if Aspect.ESTABLISHED in no or Aspect.DISSOLVED in yes:
        return State.MISSING
    if Aspect.VACANT in yes:
        return State.VACANT
    return State.IN_PLACE if yes & _EXISTS or Aspect.VACANT in no else None
