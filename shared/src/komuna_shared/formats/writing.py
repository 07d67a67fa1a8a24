"""Rows into a file that others open: CSV for spreadsheets, NDJSON for programs, XLSX for people."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import xlsxwriter

from . import Media
from .formulas import neutralised

Row = Mapping[Any, Any]
_MARK = "utf-8-sig"  # With a BOM, spreadsheets read the file as UTF-8 without being told.


class RowWriter:
    """Writes rows to a path in one of the formats, holding none of them."""

    def __init__(self, path: Path, media: Media, columns: Sequence[str]) -> None:
        self.rows = 0
        self._write, self.close = _OPEN[media](path, columns)

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows."""
        for row in rows:
            self._write(row)
            self.rows += 1


def cell_text(value: Any) -> str:
    """Return a value as the text of a CSV cell: a blank for None, nothing that runs."""
    if value is None:
        return ""
    if isinstance(value, str):
        return neutralised(value)
    if isinstance(value, bool | list | tuple | Mapping):
        return neutralised(orjson.dumps(value, default=str).decode())
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _open_csv(
    path: Path, columns: Sequence[str]
) -> tuple[Callable[[Row], object], Callable[[], object]]:
    file = path.open("w", encoding=_MARK, newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    return lambda row: writer.writerow([cell_text(row.get(name)) for name in columns]), file.close


def _open_ndjson(
    path: Path, columns: Sequence[str]
) -> tuple[Callable[[Row], object], Callable[[], object]]:
    file = path.open("wb")

    def write(row: Row) -> None:
        chosen = {name: row.get(name) for name in columns}
        file.write(orjson.dumps(chosen, default=_plain) + b"\n")

    return write, file.close


def _plain(value: Any) -> Any:
    # A decimal is exact only as it was written; orjson has no type for it.
    return orjson.Fragment(str(value)) if isinstance(value, Decimal) else str(value)


def _open_xlsx(
    path: Path, columns: Sequence[str]
) -> tuple[Callable[[Row], object], Callable[[], object]]:
    book = xlsxwriter.Workbook(
        path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, columns)
    number = 0

    def write(row: Row) -> None:
        nonlocal number
        number += 1
        for position, name in enumerate(columns):
            value = row.get(name)
            if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                sheet.write_number(number, position, value)
            elif value is not None:
                sheet.write_string(number, position, _excel_text(value))

    return write, book.close


def _excel_text(value: Any) -> str:
    return value if isinstance(value, str) else cell_text(value)


_OPEN = {Media.CSV: _open_csv, Media.NDJSON: _open_ndjson, Media.XLSX: _open_xlsx}
