"""Where the table of a form is in a sheet that people may have moved things about in."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .rules import ATTEST, INPUTS, NEEDED, Column, Given, Line, SheetProblem, Template, place
from .sheets import Sheet
from .values import folded, shown

_MISSING_TABLE = "The table of the form is not in this sheet. Fetch a fresh workbook."
_MISSING_COLUMN = "A column of the form is missing here. Fetch a fresh workbook."
_DUPLICATE_COLUMN = "This column is there twice. Delete one of them."
_MISSING_LINE = "The line `{cell}` of the form is missing. Fetch a fresh workbook."
_DUPLICATE_LINE = "This line of the form is there twice. Delete one of them."
_INSERTED_ROW = "This row is no line of the form, so it is not sure what it means. Delete it."
_CHANGED_LABEL = "This text is not the form's, so it is not sure what is counted. Undo the change."
_MERGED_CELLS = "Cells are merged here, so it is not sure for which line this is. Unmerge them."


@dataclass(frozen=True)
class Table:
    """The table of a form as found: its columns, its lines, and what is wrong with either."""

    columns: dict[Column, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    problems: tuple[SheetProblem, ...] = ()

    def problem(self, cell: str, column: Column, told: SheetProblem) -> SheetProblem:
        """Return what is wrong with what a line has in a column, at the place where that is."""
        row = self.rows.get(cell)
        at = "" if row is None else place(row, self.columns[column])
        return replace(told, place=at, cell=cell, column=column.value)


def find_table(sheet: Sheet, template: Template) -> Table:
    """Find the table by the marks in its hidden row, so that moved columns and rows are found."""
    mark = _mark_row(sheet)
    if mark is None:
        return Table(problems=(SheetProblem("A1", "missing_table", _MISSING_TABLE),))
    columns, faults = _columns(sheet, mark)
    if faults:
        return Table(columns, problems=tuple(faults))
    rows: dict[str, int] = {}
    problems = [*_lines(sheet, template, columns, mark, rows), *_merged(sheet, columns, mark)]
    return Table(columns, rows, tuple(problems))


def given(sheet: Sheet, table: Table) -> dict[str, Given]:
    """Return what was written into each line, as text."""
    return {
        cell: Given(*(shown(sheet.at(row, table.columns[column])) for column in INPUTS))
        for cell, row in table.rows.items()
    }


def _mark_row(sheet: Sheet) -> int | None:
    for number, row in enumerate(sheet.rows):
        if {Column.CELL, Column.VALUE} <= {cell for cell in row if isinstance(cell, str)}:
            return number
    return None


def _columns(sheet: Sheet, mark: int) -> tuple[dict[Column, int], list[SheetProblem]]:
    found: dict[Column, int] = {}
    problems: list[SheetProblem] = []
    for position, cell in enumerate(sheet.rows[mark]):
        if not isinstance(cell, str) or cell not in set(Column):
            continue
        if cell in found:
            at = place(mark, position)
            problems.append(SheetProblem(at, "duplicate_column", _DUPLICATE_COLUMN))
        found.setdefault(Column(cell), position)
    problems += [
        SheetProblem(place(mark, number), "missing_column", _MISSING_COLUMN)
        for number, needed in enumerate(NEEDED)
        if needed not in found
    ]
    return found, problems


def _lines(
    sheet: Sheet, template: Template, columns: dict[Column, int], mark: int, rows: dict[str, int]
) -> Iterator[SheetProblem]:
    """Find the lines of the form; what is no line of it may not hold anything either."""
    lines = {line.cell: line for line in (*template.lines, template.attest)}
    for number in range(mark):
        if sheet.at(number, columns[Column.CELL]) in lines:
            at = place(number, columns[Column.CELL])
            yield SheetProblem(at, "duplicate_line", _DUPLICATE_LINE)
    # Right below the marks are the headings that people see.
    for number in range(mark + 2, len(sheet.rows)):
        code = sheet.at(number, columns[Column.CELL])
        line = lines.get(code) if isinstance(code, str) else None
        if line is None:
            yield from _stray(sheet, number, columns)
        elif line.cell in rows:
            at = place(number, columns[Column.CELL])
            yield SheetProblem(at, "duplicate_line", _DUPLICATE_LINE, cell=line.cell)
        else:
            rows[line.cell] = number
            yield from _relabelled(sheet, line, number, columns)
    at = place(max(len(sheet.rows), mark + 2), columns[Column.CELL])
    for missing in (line.cell for line in template.lines if line.cell not in rows):
        yield SheetProblem(at, "missing_line", _MISSING_LINE, {"cell": missing}, missing)


def _relabelled(
    sheet: Sheet, line: Line, number: int, columns: dict[Column, int]
) -> Iterator[SheetProblem]:
    at = columns[Column.LABEL]
    is_known = folded(sheet.at(number, at)) in {folded(label) for label in line.labels}
    if not is_known and line.cell != ATTEST:
        problem = SheetProblem(place(number, at), "changed_label", _CHANGED_LABEL)
        yield replace(problem, cell=line.cell, column=Column.LABEL.value)


def _stray(sheet: Sheet, number: int, columns: dict[Column, int]) -> Iterator[SheetProblem]:
    filled = [columns[one] for one in INPUTS if sheet.at(number, columns[one]) is not None]
    if filled:
        yield SheetProblem(place(number, filled[0]), "inserted_row", _INSERTED_ROW)


def _merged(sheet: Sheet, columns: dict[Column, int], mark: int) -> Iterator[SheetProblem]:
    inside = {columns[one] for one in NEEDED}
    for (top, left), (bottom, right) in sheet.merged:
        if bottom > mark and inside.intersection(range(left, right + 1)):
            yield SheetProblem(place(top, left), "merged_cells", _MERGED_CELLS)
