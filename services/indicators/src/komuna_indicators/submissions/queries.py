"""What the database is asked about submissions. What a caller sees starts from `_visible_to`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, false, select, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_indicators.periods import Period
from komuna_indicators.releases.models import Release, ReleaseSubmission
from komuna_shared.access import Caller
from komuna_shared.errors import NotFoundError
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Submission, SubmissionCell, SubmissionDecision
from .rules import State

SUBMISSION = Submission.__table__
_CELL = SubmissionCell.__table__
_DECISION = SubmissionDecision.__table__
_PUBLICATION = ReleaseSubmission.__table__
_RELEASE = Release.__table__
Connection = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which submissions a request is about; what is empty does not narrow it."""

    obligations: Sequence[str] = ()
    municipalities: Sequence[str] = ()
    periods: Sequence[Period] = ()
    states: Sequence[State] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One reporter's report for one period, in all its versions."""

    obligation: str
    municipality: str
    period_from: date


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Say in SQL which submissions somebody may see: all, or those of their municipalities."""
    if caller.principal.is_service:
        return false()
    if caller.has("analyst"):
        return true()
    own = {one.municipality for one in caller.assignments if one.role == "municipal_officer"}
    return SUBMISSION.c.municipality.in_([slug for slug in own if slug is not None])


async def list_submissions(
    connection: AsyncConnection, page: PageRequest, caller: Caller, wanted: Wanted
) -> Found[Row[Any]]:
    """Return the versions that the caller may see, the newest first."""
    conditions = [
        column.in_(values)
        for column, values in (
            (SUBMISSION.c.obligation, wanted.obligations),
            (SUBMISSION.c.municipality, wanted.municipalities),
            (SUBMISSION.c.period_from, [period.start for period in wanted.periods]),
            (SUBMISSION.c.state, wanted.states),
        )
        if values
    ]
    keys = [Key("submitted_at", SUBMISSION.c.submitted_at), Key("id", SUBMISSION.c.id)]
    listed = _visible_to(caller).where(*conditions)
    return await keyset(connection, listed, page, keys=keys, default="-submitted_at")


async def get_submission(connection: Connection, caller: Caller, submission_id: UUID) -> Row[Any]:
    """Return one version that the caller may see, or raise."""
    found = await connection.execute(_visible_to(caller).where(SUBMISSION.c.id == submission_id))
    row: Row[Any] | None = found.one_or_none()
    if row is None:
        raise NotFoundError
    return row


async def find_versions(connection: Connection, report: Report) -> Sequence[Row[Any]]:
    """Return all versions of a report in order, each with its decision and its publication."""
    versions = (
        _visible_to_parties(report)
        .add_columns(
            _DECISION.c.decision,
            _DECISION.c.comments,
            _DECISION.c.decided_at,
            _DECISION.c.issuer.label("decided_issuer"),
            _DECISION.c.subject.label("decided_subject"),
            _RELEASE.c.published_at,
        )
        .join_from(
            SUBMISSION, _DECISION, _DECISION.c.submission_id == SUBMISSION.c.id, isouter=True
        )
        .join(_PUBLICATION, _PUBLICATION.c.submission_id == SUBMISSION.c.id, isouter=True)
        .join(_RELEASE, _RELEASE.c.id == _PUBLICATION.c.release_id, isouter=True)
        .order_by(SUBMISSION.c.version_no)
    )
    rows: Sequence[Row[Any]] = (await connection.execute(versions)).all()
    return rows


async def find_cells(
    connection: Connection, submission_ids: Iterable[UUID]
) -> Mapping[UUID, Mapping[str, Row[Any]]]:
    """Return what each version says, by cell."""
    cells = select(_CELL).where(_CELL.c.submission_id.in_(list(submission_ids)))
    found: dict[UUID, dict[str, Row[Any]]] = {}
    for row in await connection.execute(cells):
        found.setdefault(row.submission_id, {})[row.cell] = row
    return found


def _visible_to(caller: Caller) -> Select[Any]:
    return select(SUBMISSION).where(visible_to(caller))


def _visible_to_parties(report: Report) -> Select[Any]:
    """Select all versions of a report: whoever may send or see one of them may see the others."""
    return select(SUBMISSION).where(
        SUBMISSION.c.obligation == report.obligation,
        SUBMISSION.c.municipality == report.municipality,
        SUBMISSION.c.period_from == report.period_from,
    )
