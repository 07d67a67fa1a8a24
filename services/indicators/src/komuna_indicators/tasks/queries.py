"""What the database is asked about tasks: each kind is a select of the same columns.

What a caller sees starts from `_visible_to` and from the visibility of submissions.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Row,
    Select,
    Text,
    Values,
    cast,
    column,
    exists,
    func,
    literal,
    null,
    select,
    union_all,
    values,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_indicators.clock import end_of
from komuna_indicators.obligations import queries as obligations
from komuna_indicators.obligations import rules as due
from komuna_indicators.submissions.models import Submission, SubmissionDecision
from komuna_indicators.submissions.rules import State
from komuna_indicators.workbooks.queries import refused_files
from komuna_shared.access import Caller, Principal
from komuna_shared.paging import Found, Key, PageRequest, keyset
from komuna_shared.tables import import_job

_SENT = Submission.__table__
_DECISION = SubmissionDecision.__table__
_INSTANT = TIMESTAMP(timezone=True)


def _visible_to(principal: Principal) -> Select[Any]:
    return select(import_job).where(
        import_job.c.issuer == principal.issuer, import_job.c.subject == principal.subject
    )


async def list_tasks(
    connection: AsyncConnection, page: PageRequest, caller: Caller, today: date
) -> Found[Row[Any]]:
    """Return everything that waits for the caller, the oldest first."""
    parts = [_refused_imports(caller.principal), _refused_workbooks(caller.principal)]
    own = _own_municipalities(caller)
    if own:
        overdue = await _overdue(connection, own, today)
        parts += [_returned(own), *([overdue] if overdue is not None else [])]
    if caller.has("analyst"):
        parts += [_to_verify(caller.principal), _to_release()]
    waiting = union_all(*parts).subquery()
    keys = [Key("waiting_since", waiting.c.waiting_since), Key("id", waiting.c.id)]
    return await keyset(connection, select(waiting), page, keys=keys, default="waiting_since")


def _task(kind: str, *, id: Any, thing: Any, since: Any, **told: Any) -> Select[Any]:  # noqa: A002
    columns: list[ColumnElement[Any]] = [
        literal(kind, Text).label("kind"),
        func.concat(kind, " ", cast(id, Text)).collate("C").label("id"),
        cast(thing, Text).label("thing"),
        cast(told.get("obligation", null()), Text).label("obligation"),
        cast(told.get("municipality", null()), Text).label("municipality"),
        cast(told.get("period_from", null()), Date).label("period_from"),
        cast(told.get("period_to", null()), Date).label("period_to"),
        cast(told.get("due_on", null()), Date).label("due_on"),
        cast(told.get("count", null()), Integer).label("count"),
        cast(since, _INSTANT).label("waiting_since"),
    ]
    return select(*columns)


def _refused_imports(principal: Principal) -> Select[Any]:
    refused = _visible_to(principal).where(
        import_job.c.state == "failed",
        import_job.c.problem_count > 0,
        import_job.c.dry_run.is_(False),
    )
    job = refused.subquery("refused_import").c
    return _task(
        "correct_file", id=job.id, thing=job.id, since=job.created_at, count=job.problem_count
    )


def _refused_workbooks(principal: Principal) -> Select[Any]:
    file = refused_files(principal).subquery("refused_workbook").c
    count = file.problem_count
    return _task("correct_workbook", id=file.id, thing=file.id, since=file.created_at, count=count)


def _report(columns: Any) -> dict[str, Any]:
    names = ("obligation", "municipality", "period_from", "period_to")
    return {name: columns[name] for name in names}


def _returned(own: Sequence[str]) -> Select[Any]:
    later = _SENT.alias("later")
    return (
        _task(
            "answer_return",
            id=_SENT.c.id,
            thing=_SENT.c.id,
            since=_DECISION.c.decided_at,
            **_report(_SENT.c),
        )
        .join_from(_SENT, _DECISION, _DECISION.c.submission_id == _SENT.c.id)
        .where(
            _SENT.c.state == State.RETURNED,
            _SENT.c.municipality.in_(own),
            ~exists().where(later.c.supersedes == _SENT.c.id),
        )
    )


def _to_verify(principal: Principal) -> Select[Any]:
    """Select what waits for a verifier who contributed to no version of it."""
    mine = _SENT.alias("mine")
    contributed = exists().where(
        mine.c.obligation == _SENT.c.obligation,
        mine.c.municipality == _SENT.c.municipality,
        mine.c.period_from == _SENT.c.period_from,
        mine.c.issuer == principal.issuer,
        mine.c.subject == principal.subject,
    )
    return _task(
        "verify_report",
        id=_SENT.c.id,
        thing=_SENT.c.id,
        since=_SENT.c.submitted_at,
        count=_SENT.c.version_no,
        **_report(_SENT.c),
    ).where(_SENT.c.state == State.SUBMITTED, ~contributed)


def _to_release() -> Select[Any]:
    waiting = (
        select(
            _SENT.c.obligation,
            _SENT.c.period_from,
            _SENT.c.period_to,
            func.count().label("count"),
            func.min(_DECISION.c.decided_at).label("since"),
        )
        .join_from(_SENT, _DECISION, _DECISION.c.submission_id == _SENT.c.id)
        .where(_SENT.c.state == State.VERIFIED)
        .group_by(_SENT.c.obligation, _SENT.c.period_from, _SENT.c.period_to)
        .subquery("waiting")
        .c
    )
    return _task(
        "release_reports",
        id=func.concat(waiting.obligation, " ", waiting.period_from),
        thing=waiting.obligation,
        since=waiting.since,
        obligation=waiting.obligation,
        period_from=waiting.period_from,
        period_to=waiting.period_to,
        count=waiting.count,
    )


def _own_municipalities(caller: Caller) -> list[str]:
    held = (one for one in caller.assignments if one.role == "municipal_officer")
    return sorted({one.municipality for one in held if one.municipality is not None})


async def _overdue(
    connection: AsyncConnection, own: Sequence[str], today: date
) -> Select[Any] | None:
    """Select the reports of these municipalities that are due and did not come."""
    rows = []
    for obligation in await obligations.find_all(connection):
        for period in due.ended_periods(obligation, today):
            due_on = due.due_on(obligation, period)
            if due_on >= today:
                continue
            reporters = await obligations.find_reporters(connection, due.last_day(period))
            rows += [
                (obligation.code, slug, period.start, period.end, due_on, end_of(due_on))
                for slug in own
                if slug in reporters
            ]
    if not rows:
        return None
    awaited = _awaited().data(rows).alias("awaited").c
    came = exists().where(
        _SENT.c.obligation == awaited.obligation,
        _SENT.c.municipality == awaited.municipality,
        _SENT.c.period_from == awaited.period_from,
    )
    return _task(
        "send_report",
        id=func.concat(awaited.obligation, " ", awaited.municipality, " ", awaited.period_from),
        thing=awaited.obligation,
        since=awaited.since,
        due_on=awaited.due_on,
        **_report(awaited),
    ).where(~came)


def _awaited() -> Values:
    return values(
        column("obligation", Text),
        column("municipality", Text),
        column("period_from", Date),
        column("period_to", Date),
        column("due_on", Date),
        column("since", _INSTANT),
        name="awaited",
    )
