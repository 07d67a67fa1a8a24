"""Whatever is done to a sheet, a figure is never taken for another one."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from komuna_indicators.workbooks.judging import judge
from komuna_indicators.workbooks.rules import MANIFEST_SHEET, NEEDED
from komuna_indicators.workbooks.sheets import Sheet, read_sheets
from komuna_indicators.workbooks.values import folded, read_choice, read_number
from komuna_indicators.workbooks.writing import write_form

from .books import FORM, changed, fill, template

Rows = list[list[Any]]
_CELL = st.sampled_from([None, 0, 1.0, 2.5, "3", "4,5", "x", "Not received yet", True, "mayor.F"])
_AT = st.integers(0, 30)
_EDIT = st.one_of(
    st.tuples(st.just("set"), _AT, st.integers(0, 6), _CELL),
    st.tuples(st.just("insert"), _AT, _AT, st.none()),
    st.tuples(st.just("delete"), _AT, _AT, st.none()),
    st.tuples(st.just("swap rows"), _AT, _AT, st.none()),
    st.tuples(st.just("copy row"), _AT, _AT, st.none()),
    st.tuples(st.just("move column"), st.integers(0, 5), st.integers(0, 5), st.none()),
)


@cache
def sent() -> dict[str, Sheet]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        path.write_bytes(changed(write_form(template()), fill))
        return read_sheets(path)


def edit(rows: Rows, kind: str, one: int, other: int, cell: Any) -> None:
    if "column" in kind:
        for row in rows:
            row.insert(other, row.pop(one))
    elif kind == "insert":
        rows.insert(one, [None] * len(rows[0]))
    elif max(one, other) < len(rows):
        edit_rows(rows, kind, one, other, cell)


def edit_rows(rows: Rows, kind: str, one: int, other: int, cell: Any) -> None:
    match kind:
        case "set":
            rows[one][other] = cell
        case "delete":
            del rows[one]
        case "swap rows":
            rows[one], rows[other] = rows[other], rows[one]
        case "copy row":
            rows.insert(other, list(rows[one]))


@settings(max_examples=200, deadline=None)
@given(edits=st.lists(_EDIT, max_size=6))
def test_what_is_taken_in_stands_beside_its_own_code_and_label(edits: list[Any]) -> None:
    sheets = sent()
    [name] = [one for one in sheets if one != MANIFEST_SHEET]
    width = max(len(row) for row in sheets[name].rows) + 2
    rows = [[*row, *([None] * (width - len(row)))] for row in sheets[name].rows]
    for one in edits:
        edit(rows, *one)
    edited = Sheet(name, tuple(tuple(row) for row in rows))

    found = judge({**sheets, name: edited}, template())

    if found.problems:
        return
    [marks] = [row for row in edited.rows if set(NEEDED) <= {c for c in row if isinstance(c, str)}]
    at = {mark.value: marks.index(mark) for mark in NEEDED}
    assert {one.cell for one in found.said} >= {
        cell.code for cell in FORM.cells.values() if cell.is_required
    }
    for said in found.said:
        [row] = [one for one in edited.rows if one[at["cell"]] == said.cell]
        assert folded(row[at["label"]]) == folded(FORM.cells[said.cell].names["en"])
        assert read_number(row[at["value"]]).value == said.value
        assert read_choice(row[at["reason"]], template().choices).value == said.reason
        assert (said.value is None) is (said.reason is not None)
