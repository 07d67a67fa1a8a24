"""What changes submissions: a reporter sends a version, a verifier decides about it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators.forms.rules import Entry, status_of
from komuna_shared import audit
from komuna_shared.access import Caller
from komuna_shared.database import sqlstate
from komuna_shared.errors import FieldError, ForbiddenError, RuleError
from komuna_shared.jobs import enqueue

from . import queries, rules
from .jobs import TELL
from .models import Submission, SubmissionCell, SubmissionDecision
from .opening import Address, Filing, Opened, check, open_report, place_error
from .rules import Decision, State
from .schemas import DecisionIn

_TAKEN = "23505"
_UNKNOWN_CELL = "This version has no such cell."


class QueriesNeededError(RuleError):
    """A return says what is wrong, a verification has nothing to say."""

    code = "comments_do_not_fit"
    detail = "A return needs a comment on at least one cell; a verification has none."


async def submit(session: AsyncSession, caller: Caller, address: Address, filing: Filing) -> UUID:
    """Take in the next version of a report, and return its id."""
    opened = await open_report(session, caller, address)
    check(opened.form, filing)
    try:
        made = await session.execute(
            insert(Submission).values(_columns(opened, caller, filing)).returning(Submission.id)
        )
    except IntegrityError as error:
        if sqlstate(error) == _TAKEN:
            # Somebody sent the same version at the same moment.
            raise rules.WaitsForDecisionError from None
        raise
    submission_id: UUID = made.scalar_one()
    cells = [_cell(submission_id, entry) for entry in filing.entries]
    await session.execute(insert(SubmissionCell), cells)
    await _record(session, caller, "submission.submit", submission_id)
    return submission_id


def check_decider(caller: Caller, versions: Iterable[Row[Any]], submission: Row[Any]) -> None:
    """Raise unless the caller may decide about this version now."""
    if caller.principal.is_service or not caller.has("analyst"):
        raise ForbiddenError
    who = (caller.principal.issuer, caller.principal.subject)
    if any((one.issuer, one.subject) == who for one in versions):
        raise rules.OwnWorkError
    if submission.state != State.SUBMITTED:
        raise rules.AlreadyDecidedError


async def decide(
    session: AsyncSession, caller: Caller, submission: Row[Any], wanted: DecisionIn
) -> None:
    """Return or verify a version, once; Postgres refuses whoever contributed to the report."""
    await _check_comments(session, submission.id, wanted)
    row = {
        "submission_id": submission.id,
        "decision": wanted.decision,
        "comments": [one.model_dump() for one in wanted.comments],
        "language": submission.language,
        "issuer": caller.principal.issuer,
        "subject": caller.principal.subject,
        "client_id": caller.principal.client_id,
    }
    try:
        await session.execute(insert(SubmissionDecision).values(row))
    except IntegrityError as error:
        if sqlstate(error) == _TAKEN:
            raise rules.AlreadyDecidedError from None
        raise
    if wanted.decision is Decision.RETURN:
        await enqueue(session, TELL, {"submission": str(submission.id)})
    await _record(session, caller, f"submission.{wanted.decision}", submission.id)


async def _check_comments(session: AsyncSession, submission_id: UUID, wanted: DecisionIn) -> None:
    if bool(wanted.comments) != (wanted.decision is Decision.RETURN):
        raise QueriesNeededError(errors=(place_error("comments", QueriesNeededError),))
    told = (await queries.find_cells(session, [submission_id]))[submission_id]
    unknown = [
        FieldError(f"/comments/{place}/cell", "unknown_cell", _UNKNOWN_CELL)
        for place, one in enumerate(wanted.comments)
        if one.cell not in told
    ]
    if unknown:
        raise RuleError(errors=tuple(unknown))


def _columns(opened: Opened, caller: Caller, filing: Filing) -> Mapping[str, Any]:
    return {
        "obligation": opened.obligation.code,
        "form": opened.form.code,
        "form_version": opened.form.version,
        "municipality": opened.municipality,
        "period_from": opened.period.start,
        "period_to": opened.period.end,
        "version_no": opened.version_no,
        "supersedes": None if opened.last is None else opened.last.id,
        "is_synthetic": opened.obligation.is_synthetic,
        "is_late": opened.is_late,
        "is_correction": opened.is_correction,
        "due_on": opened.due_on,
        "attests_no_cases": filing.attests_no_cases,
        "channel": filing.channel,
        "file_sha256": filing.file_sha256,
        "file_id": filing.file_id,
        "language": filing.language,
        "issuer": caller.principal.issuer,
        "subject": caller.principal.subject,
        "client_id": caller.principal.client_id,
    }


def _cell(submission_id: UUID, entry: Entry) -> dict[str, Any]:
    return {
        "submission_id": submission_id,
        "cell": entry.cell,
        "value": entry.value,
        "status": status_of(entry),
        "reason": entry.reason,
        "comment": entry.comment,
    }


async def _record(session: AsyncSession, caller: Caller, action: str, submission_id: UUID) -> None:
    await audit.record(
        session,
        caller.principal,
        action=action,
        subject_type="submission",
        subject_id=str(submission_id),
    )
