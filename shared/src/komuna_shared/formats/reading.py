"""Rows out of a file that somebody made: numbered as their maker sees them, named by column."""

import csv
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import python_calamine

from komuna_shared.errors import BadRequestError
from komuna_shared.strict_json import parse

from . import Media
from .formulas import restored

_BOM = b"\xef\xbb\xbf"
_LONGEST_CELL = 100_000
_LARGEST_WORKBOOK = 512 * 1024 * 1024


class UnreadableRowError(Exception):
    """The file cannot be read past this row; `column` is empty where no cell is to blame."""

    def __init__(self, row: int, code: str, column: str = "") -> None:
        super().__init__(code)
        self.row = row
        self.code = code
        self.column = column


@dataclass(frozen=True)
class RawRow:
    """One row: its number (the header is row 1), its cells by column name, blanks as None."""

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True)
class Columns:
    """What a table's header may name, and must."""

    known: frozenset[str]
    required: frozenset[str]


def read_rows(path: Path, media: Media, columns: Columns) -> Iterator[RawRow]:
    """Yield the rows of a file, or raise `UnreadableRowError` where it cannot be read."""
    with path.open("rb") as file:
        if media is Media.NDJSON:
            yield from _read_ndjson(file)
        else:
            lists = _read_csv(file) if media is Media.CSV else _read_xlsx(file)
            yield from _named(lists, columns)


def letter(position: int) -> str:
    """Return the name a spreadsheet gives the column at a position from 0: A, B, ..., AA."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _named(lists: Iterator[tuple[int, list[Any]]], columns: Columns) -> Iterator[RawRow]:
    first = next((one for one in lists if any(cell is not None for cell in one[1])), None)
    header = _header(first, columns)
    for number, cells in lists:
        if all(cell is None for cell in cells):
            continue
        if any(cell is not None for cell in cells[len(header) :]):
            raise UnreadableRowError(number, "too_many_cells", letter(len(header)))
        padded = [*cells, *([None] * (len(header) - len(cells)))]
        yield RawRow(number, dict(zip(header, padded, strict=False)))


def _header(first: tuple[int, list[Any]] | None, columns: Columns) -> list[str]:
    if first is None:
        raise UnreadableRowError(1, "empty_file")
    number, cells = first
    while cells and cells[-1] is None:
        cells.pop()
    names = [str(cell).strip().lower() if cell is not None else "" for cell in cells]
    for position, name in enumerate(names):
        # Named by its letter: in a file without a header, the first row is data already.
        if name not in columns.known:
            raise UnreadableRowError(number, "unknown_column", letter(position))
        if name in names[:position]:
            raise UnreadableRowError(number, "duplicate_column", name)
    for name in sorted(columns.required.difference(names)):
        raise UnreadableRowError(number, "missing_column", name)
    return names


def _read_csv(file: BinaryIO) -> Iterator[tuple[int, list[Any]]]:
    row = 0
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=lines.delimiter, strict=True)
    try:
        for row, cells in enumerate(reader, start=1):
            yield row, [_cell(row, cell) for cell in cells]
    except UnicodeDecodeError:
        raise UnreadableRowError(row + 1, "not_utf8") from None
    except csv.Error:
        raise UnreadableRowError(row + 1, "malformed_row") from None


class _Lines:
    """The lines of a CSV file as text; a line that is no UTF-8 stops the reader at its row."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        if file.read(len(_BOM)) != _BOM:
            file.seek(0)
        start = file.tell()
        head = file.readline(_LONGEST_CELL)
        self.delimiter = ";" if head.count(b";") > head.count(b",") else ","
        file.seek(start)

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            yield line.decode("utf-8")


def _cell(row: int, text: str) -> str | None:
    if len(text) > _LONGEST_CELL:
        raise UnreadableRowError(row, "too_long")
    # Postgres stores no NUL, and no name has a bell in it.
    if any(character < " " and character not in "\t\r\n" for character in text):
        raise UnreadableRowError(row, "control_character")
    return restored(text).strip() or None


def _read_ndjson(file: BinaryIO) -> Iterator[RawRow]:
    for number, line in enumerate(_capped(file), start=1):
        if not line.strip():
            continue
        try:
            line.decode("utf-8")
            found = parse(line.removeprefix(_BOM) if number == 1 else line)
        except UnicodeDecodeError:
            raise UnreadableRowError(number, "not_utf8") from None
        except BadRequestError as error:
            raise UnreadableRowError(number, error.code) from None
        if not isinstance(found, dict):
            raise UnreadableRowError(number, "malformed_row")
        yield RawRow(number, {name: None if cell == "" else cell for name, cell in found.items()})


def _capped(file: BinaryIO) -> Iterator[bytes]:
    number = 0
    while line := file.readline(_LONGEST_CELL * 10 + 1):
        number += 1
        if len(line) > _LONGEST_CELL * 10:
            raise UnreadableRowError(number, "too_long")
        yield line


def _read_xlsx(file: BinaryIO) -> Iterator[tuple[int, list[Any]]]:
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(part.file_size for part in archive.infolist())
        file.seek(0)
        if size > _LARGEST_WORKBOOK:
            raise UnreadableRowError(1, "too_large")
        sheet = python_calamine.load_workbook(file).get_sheet_by_index(0)
        rows: Iterable[list[Any]] = sheet.iter_rows()
    except (python_calamine.CalamineError, zipfile.BadZipFile):
        raise UnreadableRowError(1, "malformed_workbook") from None
    for row, cells in enumerate(rows, start=1):
        yield row, [_excel_cell(row, cell) for cell in cells]


def _excel_cell(row: int, cell: Any) -> Any:
    if isinstance(cell, str):
        return _cell(row, cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return date(cell.year, cell.month, cell.day)
    return cell
