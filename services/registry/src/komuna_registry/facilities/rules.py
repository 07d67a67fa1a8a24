"""The vocabulary of surveyed buildings, and what their surveys add up to on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from komuna_registry.periods import Days
from komuna_shared.errors import FieldError, NotFoundError, RuleError

OUT_OF_TIME = "A building is surveyed while it stands, not before its beginning or after its end."


class FacilityKind(StrEnum):
    """Whose building it is, as the survey of buildings tells them apart."""

    PUBLIC = "public"
    COLLECTIVE_HOUSING = "collective_housing"
    PRIVATE = "private"


class Access(StrEnum):
    """Whether a person with a disability can use the building."""

    ACCESSIBLE = "accessible"
    PARTLY = "partly"
    NOT = "not"
    UNKNOWN = "unknown"


class Result(StrEnum):
    """Whether the building meets one criterion."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"


class AccessReason(StrEnum):
    """Why we say what we say of a building on a day."""

    SURVEYED = "surveyed"
    NOT_SURVEYED = "not_surveyed"
    NOT_TOLD = "not_told"
    SURVEYS_DISAGREE = "surveys_disagree"


class FacilityNotFoundError(NotFoundError):
    """There is no building of that code."""

    detail = "There is no such facility."


class SurveyNotFoundError(NotFoundError):
    """There is no survey of that id."""

    detail = "There is no such survey."


class ResultContradictsError(RuleError):
    """A building is called accessible although a criterion is not met."""

    code = "result_contradicts"
    detail = "A building that does not meet a criterion is not accessible in full."

    def __init__(self) -> None:
        super().__init__(errors=(FieldError("/access", self.code),))


class SurveyOutOfTimeError(RuleError):
    """A survey was certainly made before the building was there, or when it was gone."""

    code = "survey_out_of_time"
    detail = OUT_OF_TIME

    def __init__(self, pointer: str) -> None:
        super().__init__(errors=(FieldError(pointer, self.code),))


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What one survey says, and the days on which it may have been made."""

    access: Access
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a building on a day, and why."""

    access: Access
    reason: AccessReason


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some buildings are accessible; those nobody can judge are counted apart."""

    accessible: int
    partly: int
    inaccessible: int
    unknown: int

    @property
    def judged(self) -> int:
        """The denominator: the buildings of which a survey says whether they are accessible."""
        return self.accessible + self.partly + self.inaccessible

    @property
    def facilities(self) -> int:
        """All buildings, judged or not."""
        return self.judged + self.unknown

    @property
    def percent(self) -> float | None:
        """The share of accessible buildings among the judged ones; None where none was judged."""
        return round(100 * self.accessible / self.judged, 1) if self.judged else None


def find_access(surveys: Sequence[Surveyed], as_of: date) -> Finding:
    """Return what the newest survey of the day says; what may be the newest must agree."""
    made = [one for one in surveys if one.first_day <= as_of]
    if not made:
        return Finding(Access.UNKNOWN, AccessReason.NOT_SURVEYED)
    # A survey of some day in 2026 may or may not be older than the day that is asked for.
    certain = [one for one in made if one.last_day <= as_of]
    newest = [one for one in made if not any(_is_older(one, other) for other in certain)]
    said = {one.access for one in newest}
    if not certain:
        said.add(Access.UNKNOWN)
    if len(said) > 1:
        reason = AccessReason.SURVEYS_DISAGREE if certain else AccessReason.NOT_SURVEYED
        return Finding(Access.UNKNOWN, reason)
    [access] = said
    return Finding(
        access, AccessReason.NOT_TOLD if access is Access.UNKNOWN else AccessReason.SURVEYED
    )


def count_share(found: Iterable[Access]) -> Share:
    """Return how many of these buildings are accessible."""
    listed = list(found)
    return Share(
        accessible=listed.count(Access.ACCESSIBLE),
        partly=listed.count(Access.PARTLY),
        inaccessible=listed.count(Access.NOT),
        unknown=listed.count(Access.UNKNOWN),
    )


def check_consistent(access: Access, results: Iterable[Result]) -> None:
    """Raise when a building is called accessible although a criterion is not met."""
    if not is_consistent(access, results):
        raise ResultContradictsError


def is_consistent(access: Access, results: Iterable[Result]) -> bool:
    """Tell whether the whole agrees with its parts."""
    return access is not Access.ACCESSIBLE or Result.NOT_MET not in results


def find_broken_end(stood: Days, first_day: date, last_day: date) -> str | None:
    """Return which end of a building's time a survey of these days is certainly beyond, if any."""
    if stood.lower is not None and last_day < stood.lower:
        return "valid_from"
    if stood.upper is not None and first_day >= stood.upper:
        return "valid_until"
    return None


def _is_older(one: Surveyed, other: Surveyed) -> bool:
    return one.last_day < other.first_day
