"""The sheets of a workbook that somebody sent."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from komuna_shared.formats.workbook import WorkbookError, read_lines

REFUSED = "refused"
_PROGRAM = f"{__package__}.unpacking"


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows from A1 on, with blanks as None, and what calamine does not tell of it.

    `merged` are the corners of merged cells; `formulas` and `errors` are the cells that hold a
    formula or an error of the spreadsheet: all as row and column counted from 0.
    """

    name: str
    rows: tuple[tuple[Any, ...], ...]
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    formulas: frozenset[tuple[int, int]] = frozenset()
    errors: frozenset[tuple[int, int]] = frozenset()

    def at(self, row: int, column: int) -> Any:
        """Return what a cell holds, None where there is nothing."""
        cells = self.rows[row] if row < len(self.rows) else ()
        return cells[column] if column < len(cells) else None


def read_sheets(path: Path) -> dict[str, Sheet]:
    """Return the sheets of a workbook by name, or raise `WorkbookError`; slow, so in a thread."""
    found: dict[str, Sheet] = {}
    for told in read_lines(path, _PROGRAM):
        if REFUSED in told:
            raise WorkbookError(told[REFUSED])
        found[told["name"]] = Sheet(
            told["name"],
            tuple(tuple(_stripped(cell) for cell in row) for row in told["rows"]),
            tuple(((a, b), (c, d)) for (a, b), (c, d) in told["merged"]),
            frozenset((row, column) for row, column in told["formulas"]),
            frozenset((row, column) for row, column in told["errors"]),
        )
    return found


def _stripped(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell.strip() or None
    return cell
