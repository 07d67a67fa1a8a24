"""The life of a report's versions, and which of its cells a verifier has still to look at."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from komuna_indicators.forms.rules import CellProblem
from komuna_shared.errors import ConflictError, FieldError, ForbiddenError, RuleError

Told = TypeVar("Told")


class State(StrEnum):
    """Where a version is; whether it is late or a correction are facts beside it."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    VERIFIED = "verified"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Decision(StrEnum):
    """What a verifier decides about a version."""

    RETURN = "return"
    VERIFY = "verify"


class Channel(StrEnum):
    """How a version came in."""

    JSON = "json"
    XLSX = "xlsx"


class Review(StrEnum):
    """What a cell is to the verifier."""

    TO_REVIEW = "to_review"
    CHANGED = "changed"
    QUERIED = "queried"
    APPROVED = "approved"


class Event(StrEnum):
    """What happened to a version."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    VERIFIED = "verified"
    PUBLISHED = "published"


MAY_FOLLOW = frozenset({State.RETURNED, State.VERIFIED, State.PUBLISHED})
"""After these a reporter may send another version; before, a verifier has the word."""


class CellsRefusedError(RuleError):
    """Cells are wrong; `problems` name each by its code."""

    code = "cells_refused"
    detail = "The report was not taken in. The list of errors names each cell."

    def __init__(self, problems: Iterable[CellProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(errors=tuple(_field_error(one) for one in self.problems))


class OwnWorkError(ForbiddenError):
    """Whoever contributed to a report may not judge it."""

    code = "own_work"
    detail = "You contributed to this report, so somebody else must decide about it."


class OwnDecisionError(ForbiddenError):
    """Whoever judged a report may not contribute to it."""

    code = "own_decision"
    detail = "You decided about a version of this report, so somebody else must report it."


class WaitsForDecisionError(ConflictError):
    """The version before has not been decided about."""

    code = "waits_for_decision"
    detail = "A version of this report waits for its verification. Correct it once it is returned."


class AlreadyDecidedError(ConflictError):
    """Somebody decided first."""

    code = "already_decided"
    detail = "This version was decided about already."


@dataclass(frozen=True, slots=True)
class Version:
    """What one version says of each cell, and what a verifier said to it."""

    cells: Mapping[str, object]
    decision: Decision | None = None
    queried: frozenset[str] = frozenset()


def reviews(versions: Sequence[Version]) -> Iterator[dict[str, Review]]:
    """Yield for each version, in order, what its cells are to the verifier.

    A return approves what it does not query; what stays the same keeps its approval.
    """
    before: Version | None = None
    reviewed: dict[str, Review] = {}
    for version in versions:
        reviewed = {
            cell: _carried(cell, told, before, reviewed) for cell, told in version.cells.items()
        }
        if version.decision is not None:
            reviewed = {
                cell: Review.QUERIED if cell in version.queried else Review.APPROVED
                for cell in version.cells
            }
        yield reviewed
        before = version


def is_late(submitted_on: date, due_on: date) -> bool:
    """Say whether a report that first came on a day came after the last day that is in time."""
    return submitted_on > due_on


def _carried(
    cell: str, told: object, before: Version | None, reviewed: Mapping[str, Review]
) -> Review:
    if before is None:
        return Review.TO_REVIEW
    if cell not in before.cells or before.cells[cell] != told:
        return Review.CHANGED
    return reviewed[cell]


def _field_error(problem: CellProblem) -> FieldError:
    place = "" if problem.place is None else f"/{problem.place}/{problem.column}"
    pointer = f"/cells{place}" if problem.cell or place else "/attests_no_cases"
    return FieldError(pointer, problem.code, problem.detail, problem.params)
