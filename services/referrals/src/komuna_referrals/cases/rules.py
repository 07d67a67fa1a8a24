"""The vocabulary of a case: four regions that move separately.

Support never waits for identification or cooperation; that is why there is no single status.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from komuna_shared.errors import ConflictError, FieldError, ForbiddenError, RuleError


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


class Basis(StrEnum):
    """What opening a case rests on."""

    INTERVIEW_CONSENT = "interview_consent"
    CHILD_OR_UNSURE = "child_or_unsure"
    VITAL_INTEREST = "vital_interest"
    CHILD_BEST_INTEREST = "child_best_interest"
    LEGAL_OBLIGATION = "legal_obligation"
    COURT_ORDER = "court_order"
    PUBLIC_TASK_IDENTIFICATION = "public_task_identification"


class AgeBand(StrEnum):
    """Whether the person is a child; who might be one is treated as one."""

    ADULT = "adult"
    CHILD = "child"
    UNKNOWN = "unknown"


class Sex(StrEnum):
    """The person's sex as they state it."""

    FEMALE = "F"
    MALE = "M"
    OTHER = "X"
    UNKNOWN = "unknown"


class Relation(StrEnum):
    """As what an institution sees a case."""

    OWNER = "owner"
    PARTNER = "partner"
    RECEIVER = "receiver"


TEAM = frozenset({Relation.OWNER, Relation.PARTNER})
"""Who works on a case; a receiver only serves the person."""

MINORS = frozenset({AgeBand.CHILD, AgeBand.UNKNOWN})
"""The ages at which a person is protected as a child."""

_LISTS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "codes.json").read_text(encoding="utf-8")
)["lists"]
NEEDS: tuple[str, ...] = tuple(_LISTS["need"]["values"])
INDICATORS: tuple[str, ...] = tuple(
    f"{name}.{code}" for name in ("act", "means", "purpose") for code in _LISTS[name]["values"]
)


class BasisError(RuleError):
    """A case cannot be opened on this basis."""

    code = "case_basis"
    detail = "A case cannot be opened on this basis, or not for a person of this age."


class OpenerError(ForbiddenError):
    """None of the caller's roles opens cases where they act."""

    code = "case_opener"
    detail = "None of the roles that you hold at this institution opens cases."


class NotOwnerError(ForbiddenError):
    """The case is seen by the caller's institution, and decided by another one."""

    code = "not_case_owner"
    detail = "Only the institution that owns the case does this."


class DecisionNotOfferedError(RuleError):
    """A decision that nobody can take here yet."""

    code = "decision_not_offered"
    detail = "Only `presumed` is decided here; other decisions belong to the deciding body."


class IdentificationError(ConflictError):
    """The identification does not stand where this decision begins."""

    code = "identification_state"
    detail = "Only a person who was screened, or not identified, can become presumed."


class NoNewIndicatorError(RuleError):
    """Nothing new was seen."""

    code = "indicator_known"
    detail = "A presumption rests on at least one indicator that is not recorded yet."


_BEFORE_PRESUMED = frozenset({Identification.SCREENED, Identification.NOT_IDENTIFIED})


def check_basis(
    basis: Basis, age_band: AgeBand, *, allowed: Collection[str], minors_only: Collection[str]
) -> None:
    """Raise unless a case may be opened on this basis for a person of this age."""
    if basis not in allowed or (basis in minors_only and age_band not in MINORS):
        raise BasisError(errors=(FieldError("/basis", BasisError.code),))


def check_decision(present: Identification, to: Identification) -> None:
    """Raise unless the person's identification may go there by what is offered here."""
    if to is not Identification.PRESUMED:
        raise DecisionNotOfferedError(errors=(FieldError("/to", DecisionNotOfferedError.code),))
    if present not in _BEFORE_PRESUMED:
        raise IdentificationError


def find_new(indicators: Collection[str], known: Collection[str]) -> list[str]:
    """Return the indicators that are not known yet, or raise where there is none."""
    new = sorted(set(indicators) - set(known))
    if not new:
        errors = (FieldError("/indicators", NoNewIndicatorError.code),)
        raise NoNewIndicatorError(errors=errors)
    return new


def replay(changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the state of a record to which these changes led, oldest first."""
    state: dict[str, Any] = {}
    for one in changes:
        state |= one
    return state
