"""The vocabulary of offices and of those who hold them, and when a seat is vacant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from komuna_registry.periods import Certainty, Presence
from komuna_shared.errors import ConflictError, NotFoundError, RuleError

OVERLAP = "Somebody else certainly holds this seat in that time."


class OwnerKind(StrEnum):
    """Whose an office can be."""

    MUNICIPALITY = "municipality"
    INSTITUTION = "institution"


# By the constitution and the law on local self-government; of other kinds, such as officers for
# gender equality or members of commissions, both municipalities and institutions have some.
_OF_MUNICIPALITIES = frozenset(
    {
        *("mayor", "deputy_mayor", "deputy_mayor_for_communities"),
        *("assembly_chair", "assembly_deputy_chair_for_communities"),
    }
)
_OF_INSTITUTIONS = frozenset(
    {
        *("minister", "deputy_minister", "deputy_prime_minister", "secretary_general"),
        *("chief_state_prosecutor", "ombudsperson", "head_of_mission", "deputy_head_of_mission"),
    }
)


class Sex(StrEnum):
    """The sex of a holder, where a source tells it."""

    FEMALE = "female"
    MALE = "male"


class Breakdown(StrEnum):
    """By what holders can be counted."""

    SEX = "sex"
    COMMUNITY = "community"
    MUNICIPALITY = "municipality"


class OfficeNotFoundError(NotFoundError):
    """There is no office of that code."""

    detail = "There is no such office."


class TenureNotFoundError(NotFoundError):
    """There is no tenure of that id."""

    detail = "There is no such tenure."


class HolderNotFoundError(NotFoundError):
    """There is no holder of that code."""

    detail = "There is no such holder."


class TenureOverlapError(ConflictError):
    """Somebody else certainly holds the seat in that time."""

    code = "tenure_overlap"
    detail = OVERLAP


class StatedByDocumentError(ConflictError):
    """A document tells of the tenure, so an act may end it and no more."""

    code = "stated_by_document"
    detail = (
        "A published document tells of this tenure. An act may end it; who held the seat since "
        "when stays as the document says."
    )


class HolderStatedError(StatedByDocumentError):
    """A document names the holder, so only whoever works for all corrects it."""

    detail = "A published document names this person. A coordinator corrects it, by an act."


class HolderNamedError(ConflictError):
    """A tenure or a membership names the holder."""

    code = "holder_named"
    detail = "A tenure or a membership names this person. Take that back first."


class HolderUnnamedError(ConflictError):
    """Nothing names the holder, so no act is of their office."""

    code = "holder_unnamed"
    detail = "No tenure and no membership names this person any more. Remove the entry."


class OfficeTakenError(ConflictError):
    """The owner has this office already, undivided or in parts."""

    code = "office_taken"
    detail = "This office is recorded already, or in parts. Name the part that is missing."


class SeatsHeldError(ConflictError):
    """Tenures of a seat that would go are recorded."""

    code = "seats_held"
    detail = "Tenures are recorded for seats that the office would no longer have."


class KindOwnerError(RuleError):
    """A municipality has no minister, and an institution no mayor."""

    code = "office_kind_owner"
    detail = "An office of this kind is only ever a municipality's, or only ever an institution's."


class SeatNotFoundError(RuleError):
    """The office has fewer seats."""

    code = "unknown_seat"
    detail = "The office has no such seat."


@dataclass(frozen=True, slots=True)
class Held:
    """A seat was held; `until` as written, and whether an act ended it."""

    seat: int
    presence: Presence
    until: str | None
    is_ended_by_act: bool


@dataclass(frozen=True, slots=True)
class Vacancy:
    """Whether a seat is vacant, None where nobody knows, and since when as written."""

    is_vacant: bool | None
    since: str | None = None


def owners_of(kind: str) -> list[OwnerKind]:
    """Return whose an office of this kind can be."""
    if kind in _OF_MUNICIPALITIES:
        return [OwnerKind.MUNICIPALITY]
    return [OwnerKind.INSTITUTION] if kind in _OF_INSTITUTIONS else list(OwnerKind)


def may_own(kind: str, *, is_municipality: bool) -> bool:
    """Tell whether a municipality, or an institution, can have an office of this kind."""
    owner = OwnerKind.MUNICIPALITY if is_municipality else OwnerKind.INSTITUTION
    return owner in owners_of(kind)


def find_vacancy(seats: int, held: Sequence[Held], day: date) -> Vacancy:
    """Return whether one of the seats is vacant on `day`.

    Only an act that ended the last known tenure makes a seat vacant; that nobody is known after
    a tenure of which a document tells does not.
    """
    found = [
        _look_at([one for one in held if one.seat == seat], day) for seat in range(1, seats + 1)
    ]
    vacant = [one for one in found if one.is_vacant]
    if vacant:
        return min(vacant, key=lambda one: one.since or "")
    return Vacancy(False if all(one.is_vacant is False for one in found) else None)


def _look_at(held: Iterable[Held], day: date) -> Vacancy:
    told = [(one.presence.on(day), one) for one in held]
    if any(certainty is Certainty.CERTAIN for certainty, _ in told):
        return Vacancy(is_vacant=False)
    if any(certainty is Certainty.POSSIBLE for certainty, _ in told):
        return Vacancy(is_vacant=None)
    past = [
        (one.presence.possible.upper, one)
        for _, one in told
        if one.presence.possible.upper is not None and one.presence.possible.upper <= day
    ]
    if not past:
        return Vacancy(is_vacant=None)
    last = max(past, key=lambda ended: ended[0])[1]
    return Vacancy(is_vacant=True, since=last.until) if last.is_ended_by_act else Vacancy(None)
