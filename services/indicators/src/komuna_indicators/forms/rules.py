"""A form as one definition, and what is wrong with the cells that somebody filled in."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from komuna_indicators.observations.rules import MISSING, Reason, Status, agrees

GREATEST = 999_999_999
"""No reporter counts more of anything that is asked in a cell."""

WITH_VALUE = (Status.NORMAL, Status.ESTIMATED, Status.PROVISIONAL)
WITHOUT_VALUE = (Status.NOT_COLLECTED, Status.NOT_RECEIVED, Status.CANNOT_EXIST)
"""What a reporter may say of a cell; the other statuses are found or made later."""

REASONS: Mapping[Status, frozenset[Reason]] = {
    **{status: MISSING[status] for status in WITHOUT_VALUE},
    # A printed table has blanks; whoever fills in a form says why there is nothing.
    Status.NOT_RECEIVED: frozenset({Reason.NOT_RECEIVED}),
}

UNKNOWN_CELL = "The form has no such cell."
REPEATED_CELL = "This cell is told twice."
MISSING_CELL = "The form asks for this cell: a value, or a status and a reason."
NO_REASON = "A cell has a value, or a status and a reason why it is missing."
OUT_OF_RANGE = "A value is 0 or more, and at most {greatest}."
TOO_PRECISE = "A value has at most {decimals} decimals here."
NOT_THE_SUM = "The total must be the sum of its parts: {parts}."
LESS_THAN_PARTS = "The total is less than the parts that are known: {parts}."


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a form: which figure it asks for, and how it is called."""

    code: str
    indicator: str
    codes: Mapping[str, str]
    breakdown: str
    is_required: bool
    names: Mapping[str, str]
    help: Mapping[str, str]
    unit: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Total:
    """A figure that is the sum of cells; reported in a cell of its own, or only computed."""

    indicator: str
    breakdown: str
    parts: tuple[str, ...]
    cell: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What a reporter is asked, in one version; everything about the form is made from this."""

    code: str
    version: str
    names: Mapping[str, str]
    instructions: Mapping[str, str]
    dataflow: str
    periodicity: str
    cells: Mapping[str, Cell]
    totals: tuple[Total, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a reporter says about one cell: a value, or why there is none."""

    cell: str
    value: Decimal | None = None
    status: Status | None = None
    reason: Reason | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell; `place` is the entry's number, None where a cell is absent."""

    cell: str
    code: str
    detail: str
    column: str = "value"
    place: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


def judge(form: Form, entries: Sequence[Entry]) -> list[CellProblem]:
    """Return everything that is wrong with the filled-in cells, in the order of the entries."""
    times = Counter(entry.cell for entry in entries)
    problems: list[CellProblem] = []
    told: dict[str, tuple[int, Entry]] = {}
    for place, entry in enumerate(entries):
        cell = form.cells.get(entry.cell)
        if cell is None:
            # The word is the caller's own and is not repeated.
            problems.append(CellProblem("", "unknown_cell", UNKNOWN_CELL, "cell", place))
        elif entry.cell in told:
            problems.append(CellProblem(entry.cell, "repeated_cell", REPEATED_CELL, "cell", place))
        else:
            told[entry.cell] = (place, entry)
            problems += _entry_problems(cell, entry, place)
    # Who says nothing at all has not said that there was nothing, even where no cell is required.
    problems += [
        CellProblem(cell.code, "missing_cell", MISSING_CELL, "cell")
        for cell in form.cells.values()
        if not times[cell.code] and (cell.is_required or not entries)
    ]
    if not problems:
        problems += _total_problems(form.totals, told)
    return problems


def is_all_zero(entries: Iterable[Entry]) -> bool:
    """Say whether the report says that there was nothing at all: every value is there and 0."""
    return all(entry.value == 0 for entry in entries)


def status_of(entry: Entry) -> Status:
    """Return the status of a cell; a plain value is normal."""
    return entry.status or Status.NORMAL


def _entry_problems(cell: Cell, entry: Entry, place: int) -> Iterator[CellProblem]:
    status = status_of(entry)
    has_value = entry.value is not None
    allowed = WITH_VALUE if has_value else WITHOUT_VALUE
    fits = agrees(has_value=has_value, status=status, reason=entry.reason)
    if not fits or status not in allowed or not (has_value or entry.reason in REASONS[status]):
        named = "value" if not has_value and entry.status is None else "status"
        yield CellProblem(cell.code, "no_value_or_reason", NO_REASON, named, place)
    if entry.value is None:
        return
    if not 0 <= entry.value <= GREATEST:
        told = {"greatest": GREATEST}
        yield CellProblem(cell.code, "out_of_range", OUT_OF_RANGE, "value", place, told)
    exponent = entry.value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > cell.decimals:
        told = {"decimals": cell.decimals}
        yield CellProblem(cell.code, "too_precise", TOO_PRECISE, "value", place, told)


def _total_problems(
    totals: Iterable[Total], told: Mapping[str, tuple[int, Entry]]
) -> Iterator[CellProblem]:
    for total in totals:
        if total.cell is None or total.cell not in told:
            continue
        place, entry = told[total.cell]
        if entry.value is None:
            continue
        parts = [told[part][1].value for part in total.parts if part in told]
        known = [value for value in parts if value is not None]
        least = sum(known, Decimal(0))
        named = {"parts": ", ".join(f"`{part}`" for part in total.parts)}
        if len(known) == len(total.parts) and entry.value != least:
            yield CellProblem(total.cell, "not_the_sum", NOT_THE_SUM, "value", place, named)
        elif entry.value < least:
            yield CellProblem(total.cell, "less_than_parts", LESS_THAN_PARTS, "value", place, named)
