"""The list of contacts as a table to fill in: a workbook with help beside it, or CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from komuna_shared.formats.formulas import neutralised
from komuna_shared.languages import label, translate

from .rows import COLUMNS

# What the columns are for; the cells above the contacts hold the names that the import reads.
HELP: Mapping[str, str] = {
    "id": "Leave as it is. For a new contact, leave it empty.",
    "municipality": "The municipality, in any spelling; empty for an institution.",
    "institution": "Code of the institution; empty for a municipality.",
    "kind": "Kind of office: the code or the name from the second sheet.",
    "position": "What this person does, in your own words, where no kind fits.",
    "office": "Code of the office, where it is in the register.",
    "name": "Name and surname.",
    "email": "E-mail address at work.",
    "telephone": "One telephone number at work, with its country code.",
    "languages": "Languages that this person speaks: `sq`, `sr`, `en`, `tr`, `bs`, `rom`.",
    "valid_from": "Since when, as `2026`, `2026-11` or `2026-11-21`.",
    "valid_until": "Until when; empty as long as it holds.",
    "source": "Code of the document that says so; empty for your own list.",
    "locator": "The place in that document; empty for your own list.",
    "is_synthetic": "Only for demonstrations: `true`.",
}
_SHEET, _SECOND = "Contacts", "Help"
_WIDTHS = {"id": 12, "name": 28, "email": 34, "telephone": 20, "position": 28, "kind": 26}
_WRITTEN = datetime(2026, 1, 1)  # noqa: DTZ001 -- a workbook has no zones; it is always this one.
_EMPTY_ROWS = 500  # Where a spreadsheet shall keep what is typed as text.
_BOM = "\ufeff"
Kinds = Sequence[tuple[str, Mapping[str, str]]]


def cells_of(row: Mapping[Any, Any]) -> list[str]:
    """Return a stored contact as texts, in the order of the columns; nothing in them runs."""
    return [neutralised(_text(row[name])) for name in COLUMNS]


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the table as CSV that spreadsheets read as UTF-8."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return (_BOM + made.getvalue()).encode()


def write_workbook(rows: Iterable[Sequence[str]], kinds: Kinds, language: str) -> bytes:
    """Return the table as a workbook: all cells are text, so that `+383` stays; help comes second.

    Its first sheet can be sent back as it is.
    """
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(made, options)
    book.set_properties({"created": _WRITTEN})
    head = book.add_format({"bold": True, "bg_color": "#D9E2F3", "border": 1})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(translate(_SHEET, language))
    for number, name in enumerate(COLUMNS):
        sheet.set_column(number, number, _WIDTHS.get(name, 16), text)
        sheet.write_string(0, number, name, head)
        sheet.write_comment(0, number, _help(name, language))
    sheet.freeze_panes(1, 0)
    last = 0
    for last, cells in enumerate(rows, start=1):
        for number, cell in enumerate(cells):
            if cell:
                sheet.write_string(last, number, cell, text)
    second = translate(_SECOND, language)
    _offer_kinds(sheet, second, last, len(kinds))
    _write_help(book.add_worksheet(second), kinds, language)
    book.close()
    return made.getvalue()


def _offer_kinds(sheet: Worksheet, second: str, last: int, count: int) -> None:
    top = len(COLUMNS) + 2
    offered = f"='{second}'!$A${top + 1}:$A${top + count}"
    column = COLUMNS.index("kind")
    choice = {"validate": "list", "source": offered, "error_type": "warning"}
    sheet.data_validation(1, column, last + _EMPTY_ROWS, column, choice)


def _write_help(sheet: Worksheet, kinds: Kinds, language: str) -> None:
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 1, 90)
    for number, name in enumerate(COLUMNS):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, _help(name, language))
    for number, (code, names) in enumerate(kinds, start=len(COLUMNS) + 2):
        sheet.write_string(number, 0, code)
        sheet.write_string(number, 1, label(names, language)[0])


def _help(name: str, language: str) -> str:
    return translate(HELP[name], language).replace("`", "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)
