"""How a version of a report reads in one language, with what a verifier has to do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from komuna_indicators import periods
from komuna_indicators.forms.rules import Form
from komuna_indicators.observations.presentation import number
from komuna_indicators.periods import Period
from komuna_shared.languages import label

from . import rules
from .opening import Filing, Opened
from .rules import Decision, Event, Review, Version
from .schemas import (
    HistoryOut,
    SubmissionCellOut,
    SubmissionCheckOut,
    SubmissionOut,
    SubmissionSummary,
    ToldOut,
)

Versions = Sequence[Row[Any]]
Cells = Mapping[UUID, Mapping[str, Row[Any]]]
_DECIDED = {Decision.RETURN: Event.RETURNED, Decision.VERIFY: Event.VERIFIED}


def summarise(row: Row[Any]) -> SubmissionSummary:
    """Return a version without its cells."""
    return SubmissionSummary(**_summary(row))


def present(
    row: Row[Any], versions: Versions, cells: Cells, form: Form, language: str
) -> SubmissionOut:
    """Return a version with its cells and the history of its report."""
    shown = [_cell(one, form, language) for one in _reviewed(row, versions, cells)]
    order = {code: place for place, code in enumerate(form.cells)}
    shown.sort(key=lambda one: order.get(one.cell, len(order)))
    return SubmissionOut(
        **_summary(row),
        to_review_count=sum(one.review is not Review.APPROVED for one in shown),
        cells=shown,
        history=sorted(_history(versions), key=lambda one: one.at),
    )


def present_check(opened: Opened, filing: Filing, cells: Cells) -> SubmissionCheckOut:
    """Return what a report would be if it were sent."""
    before = cells.get(opened.last.id, {}) if opened.last is not None else {}
    told = {
        one.cell: (one.value, one.status or "A", one.reason, one.comment) for one in filing.entries
    }
    changed = [
        cell for cell, now in told.items() if cell not in before or _told(before[cell]) != now
    ]
    return SubmissionCheckOut(
        obligation=opened.obligation.code,
        municipality=opened.municipality,
        period=periods.code(opened.period) or "",
        version_no=opened.version_no,
        due_on=opened.due_on,
        is_late=opened.is_late,
        is_correction=opened.is_correction,
        changed_cells=changed,
    )


def _summary(row: Row[Any]) -> dict[str, Any]:
    told = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name.
    shown = {name: told[name] for name in SubmissionSummary.model_fields if name in told}
    return shown | {"period": periods.code(Period(row.period_from, row.period_to)) or ""}


def _reviewed(
    row: Row[Any], versions: Versions, cells: Cells
) -> Iterator[tuple[Row[Any], Review, str | None, Row[Any] | None]]:
    """Yield each cell of a version with its review, the last question, and what was said before."""
    until = [one for one in versions if one.version_no <= row.version_no]
    chain = [_version(one, cells.get(one.id, {})) for one in until]
    *_, reviewed = rules.reviews(chain)
    asked: dict[str, str] = {}
    for one in until:
        asked |= {query["cell"]: query["comment"] for query in one.comments or ()}
    before = cells.get(until[-2].id, {}) if len(until) > 1 else {}
    for cell, told in cells.get(row.id, {}).items():
        same = cell not in before or _told(before[cell]) == _told(told)
        yield told, reviewed[cell], asked.get(cell), None if same else before[cell]


def _version(row: Row[Any], cells: Mapping[str, Row[Any]]) -> Version:
    return Version(
        cells={cell: _told(told) for cell, told in cells.items()},
        decision=None if row.decision is None else Decision(row.decision),
        queried=frozenset(query["cell"] for query in row.comments or ()),
    )


def _told(cell: Row[Any]) -> tuple[Any, ...]:
    return cell.value, cell.status, cell.reason, cell.comment


def _cell(
    one: tuple[Row[Any], Review, str | None, Row[Any] | None], form: Form, language: str
) -> SubmissionCellOut:
    told, review, query, before = one
    known = form.cells.get(told.cell)
    return SubmissionCellOut(
        cell=told.cell,
        label=told.cell if known is None else label(known.names, language)[0],
        review=review,
        query=query,
        before=None if before is None else ToldOut(**_shown(before)),
        **_shown(told),
    )


def _shown(told: Row[Any]) -> dict[str, Any]:
    value = None if told.value is None else number(float(told.value))
    return {
        "value": value,
        "status": told.status,
        "reason": told.reason,
        "comment": told.comment,
    }


def _history(versions: Versions) -> Iterator[HistoryOut]:
    for one in versions:
        number_ = one.version_no
        yield HistoryOut(
            event=Event.SUBMITTED, version_no=number_, at=one.submitted_at, by=one.subject
        )
        if one.decision is not None:
            yield HistoryOut(
                event=_DECIDED[Decision(one.decision)],
                version_no=number_,
                at=one.decided_at,
                by=one.decided_subject,
            )
        if one.published_at is not None:
            yield HistoryOut(
                event=Event.PUBLISHED, version_no=number_, at=one.published_at, by=None
            )
