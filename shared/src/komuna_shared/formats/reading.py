"""Rows out of a file that somebody made: numbered as their maker sees them, named by column."""

import csv
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from komuna_shared.errors import BadRequestError
from komuna_shared.strict_json import parse

from . import Media
from .formulas import restored
from .workbook import WorkbookError, read_first_sheet

_BOM = b"\xef\xbb\xbf"
_LONGEST_CELL = 100_000
_LONGEST_LINE = 1_000_000
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MOST_NAMES = 500
_LARGEST_WORKBOOK = 512 * 1024 * 1024


class UnreadableRowError(Exception):
    """The file cannot be read past this row; `column` is empty where no cell is to blame."""

    def __init__(self, row: int, code: str, column: str = "") -> None:
        super().__init__(code)
        self.row = row
        self.code = code
        self.column = column


@dataclass(frozen=True)
class Fault:
    """Why one cell cannot be read; it stands where the cell would."""

    code: str


@dataclass(frozen=True)
class RawRow:
    """One row: its number (the header is row 1), its cells by column name, blanks as None.

    `faults` says by column what cannot be read; with an empty column, of the row as a whole.
    """

    number: int
    cells: dict[str, Any]
    faults: dict[str, Fault] = field(default_factory=dict)


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
            lists = _read_csv(file) if media is Media.CSV else _read_xlsx(path)
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
        padded = [*cells, *([None] * (len(header) - len(cells)))]
        named = dict(zip(header, padded, strict=False))
        if any(cell is not None for cell in cells[len(header) :]):
            named[letter(len(header))] = Fault("too_many_cells")
        yield _sorted_out(number, named)


def _sorted_out(number: int, cells: dict[str, Any]) -> RawRow:
    faults = {name: cell for name, cell in cells.items() if isinstance(cell, Fault)}
    readable = {name: None if name in faults else cell for name, cell in cells.items()}
    return RawRow(number, readable, faults)


def _header(first: tuple[int, list[Any]] | None, columns: Columns) -> list[str]:
    if first is None:
        raise UnreadableRowError(1, "empty_file")
    number, cells = first
    while cells and cells[-1] is None:
        cells.pop()
    names: list[str] = []
    for position, cell in enumerate(cells):
        name = "" if cell is None else str(cell).strip().lower()
        code = _wrong_with(cell, name, names, columns)
        if code is not None:
            # Named by its letter: in a file without a header, the first row is data already.
            raise UnreadableRowError(number, code, letter(position))
        names.append(name)
    for name in sorted(columns.required.difference(names)):
        raise UnreadableRowError(number, "missing_column", name)
    return names


def _wrong_with(cell: Any, name: str, before: list[str], columns: Columns) -> str | None:
    if isinstance(cell, Fault):
        return cell.code
    if name not in columns.known:
        return "unknown_column"
    return "duplicate_column" if name in before else None


def _read_csv(file: BinaryIO) -> Iterator[tuple[int, list[Any]]]:
    row = 0
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=lines.delimiter, strict=True)
    try:
        for row, cells in enumerate(reader, start=1):
            lines.begin_row(row + 1)
            yield row, [_cell(cell) for cell in cells]
    except csv.Error:
        raise UnreadableRowError(row + 1, "malformed_row") from None


class _Lines:
    """The lines of a CSV file as text; bytes that are no UTF-8 are kept as lone surrogates."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        if file.read(len(_BOM)) != _BOM:
            file.seek(0)
        start = file.tell()
        head = file.readline(_LONGEST_CELL)
        self.delimiter = ";" if head.count(b";") > head.count(b",") else ","
        file.seek(start)
        self.begin_row(1)

    def begin_row(self, row: int) -> None:
        """Count the length of a row from here; one row may be many lines."""
        self._row, self._left = row, _LONGEST_LINE

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(_LONGEST_LINE + 1):
            self._left -= len(line)
            if self._left < 0:
                raise UnreadableRowError(self._row, "too_long")
            yield line.decode("utf-8", errors="surrogateescape")


def _cell(text: str) -> str | Fault | None:
    if len(text) > _LONGEST_CELL:
        return Fault("too_long")
    if not text.isascii() and _SURROGATE.search(text):
        return Fault("not_utf8")
    # Postgres stores no NUL, and no name has a bell in it.
    if _CONTROL.search(text):
        return Fault("control_character")
    return restored(text).strip() or None


def _read_ndjson(file: BinaryIO) -> Iterator[RawRow]:
    for number, line in enumerate(_capped(file), start=1):
        if not line.strip():
            continue
        found = _object(line.removeprefix(_BOM) if number == 1 else line)
        if isinstance(found, Fault):
            yield RawRow(number, {}, {"": found})
        else:
            yield RawRow(number, {name: None if c == "" else c for name, c in found.items()})


def _object(line: bytes) -> dict[str, Any] | Fault:
    try:
        line.decode("utf-8")
        found = parse(line)
    except UnicodeDecodeError:
        return Fault("not_utf8")
    except BadRequestError as error:
        return Fault(error.code)
    if not isinstance(found, dict):
        return Fault("malformed_row")
    return found if len(found) <= _MOST_NAMES else Fault("too_many_cells")


def _capped(file: BinaryIO) -> Iterator[bytes]:
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise UnreadableRowError(number, "too_long")
        yield line


def _read_xlsx(path: Path) -> Iterator[tuple[int, list[Any]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > _LARGEST_WORKBOOK:
            raise UnreadableRowError(1, "too_large")
        for row, cells in enumerate(read_first_sheet(path), start=1):
            yield row, [_excel_cell(cell) for cell in cells]
    except zipfile.BadZipFile:
        raise UnreadableRowError(1, "malformed_workbook") from None
    except WorkbookError as error:
        raise UnreadableRowError(1, error.code) from None


def _excel_cell(cell: Any) -> Any:
    if isinstance(cell, str):
        return _cell(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return date(cell.year, cell.month, cell.day)
    return cell
