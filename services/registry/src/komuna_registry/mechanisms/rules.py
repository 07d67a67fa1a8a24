"""What is known of a mechanism in each municipality, and how contradictory statements are told."""

from collections import Counter
from collections.abc import Iterable, Sequence
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


class Reason(StrEnum):
    """Why coverage says so."""

    STATED = "stated"
    SOURCES_DISAGREE = "sources_disagree"
    NOT_IN_SOURCE = "not_in_source"
    NO_SOURCE_FOR_DATE = "no_source_for_date"


class KindNotFoundError(NotFoundError):
    """There is no kind of mechanism of that code."""

    detail = "There is no such kind of mechanism."


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: an aspect of the mechanism holds in a municipality, or it does not."""

    aspect: Aspect
    holds: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one municipality, and why."""

    state: State
    reason: Reason


def find_state(said: Sequence[Said], *, is_covered: bool) -> Finding:
    """Return the state that the statements about one municipality add up to.

    `is_covered` tells that some source reports on this kind for the day, so that silence about one
    municipality is the source's silence.
    """
    answers = {aspect: {one.holds for one in said if one.aspect is aspect} for aspect in Aspect}
    if any(len(both) > 1 for both in answers.values()):
        return Finding(State.CONTRADICTORY, Reason.SOURCES_DISAGREE)
    if True in answers[Aspect.VACANT]:
        return Finding(State.VACANT, Reason.STATED)
    if False in answers[Aspect.ESTABLISHED] or True in answers[Aspect.DISSOLVED]:
        return Finding(State.MISSING, Reason.STATED)
    if True in answers[Aspect.ESTABLISHED] or True in answers[Aspect.FUNCTIONAL]:
        return Finding(State.IN_PLACE, Reason.STATED)
    if False in answers[Aspect.MANDATORY]:
        return Finding(State.NOT_REQUIRED, Reason.STATED)
    return Finding(State.UNKNOWN, Reason.NOT_IN_SOURCE if is_covered else Reason.NO_SOURCE_FOR_DATE)


def count_states(findings: Iterable[Finding]) -> dict[State, int]:
    """Return how many municipalities are in each state; a state that none is in counts zero."""
    counted = Counter(finding.state for finding in findings)
    return {state: counted[state] for state in State}
