"""The program that reads a workbook: values by calamine, and by openpyxl what it does not tell.

It runs as a process of its own within limits, since a file of two cells may ask for all memory.
"""

import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
import python_calamine

from komuna_shared.formats.workbook import tell

from .sheets import REFUSED

_MOST_SHEETS = 20
_MOST_ROWS, _MOST_COLUMNS = 5_000, 60
_SECONDS = 10  # A form takes a third of one; others wait in line behind it.
_LARGEST = 64 * 1024 * 1024
# What makes a workbook reach for something outside of it, or act when it is opened.
_ACTIVE = ("xl/externallinks/", "xl/connections.xml", "xl/vbaproject.bin", "xl/embeddings/")
# By these letters openpyxl tells a formula, and an error such as #REF!, which calamine reads as
# nothing.
_TOLD = {"f": "formulas", "e": "errors"}


def _read(path: str) -> Iterator[dict[str, Any]]:
    """Say what is in a workbook, one sheet at a time; this runs in the other process."""
    refusal = _refusal(path)
    if refusal:
        yield {REFUSED: refusal}
        return
    book = python_calamine.load_workbook(path)
    if len(book.sheet_names) > _MOST_SHEETS:
        yield {REFUSED: "too_large"}
        return
    sheets = [book.get_sheet_by_index(number) for number in range(len(book.sheet_names))]
    if any(one.total_height > _MOST_ROWS or one.total_width > _MOST_COLUMNS for one in sheets):
        yield {REFUSED: "too_large"}
        return
    special = _special_cells(path)
    for sheet in sheets:
        yield {
            "name": sheet.name,
            "rows": sheet.to_python(skip_empty_area=False),
            "merged": sheet.merged_cell_ranges or [],
            **{name: special.get(sheet.name, {}).get(name, []) for name in _TOLD.values()},
        }


def _refusal(path: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile:
        return "malformed_workbook"
    if sum(part.file_size for part in parts) > _LARGEST:
        return "too_large"
    names = [part.filename.lower().lstrip("/") for part in parts]
    return "active_content" if any(name.startswith(_ACTIVE) for name in names) else ""


def _special_cells(path: str) -> dict[str, dict[str, list[tuple[int, int]]]]:
    book = openpyxl.load_workbook(path, read_only=True, keep_links=False)
    found: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for sheet in book.worksheets:
        kinds = found.setdefault(sheet.title, {})
        for row in sheet.iter_rows(max_row=_MOST_ROWS, max_col=_MOST_COLUMNS):
            for cell in row:
                if cell.data_type in _TOLD:
                    at = cell.row - 1, cell.column - 1
                    kinds.setdefault(_TOLD[cell.data_type], []).append(at)
    return found


if __name__ == "__main__":
    sys.exit(tell(sys.argv[1], _read, seconds=_SECONDS))
