"""Workbooks made fresh: one to fill in, and one that says what is wrong with what was sent.

The same template makes the same bytes, so that a workbook may be fetched again and compared.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from .rules import INPUTS, MANIFEST_SHEET, Column, Given, Line, Template, place
from .values import LARGEST, LONGEST_COMMENT

_WRITTEN = datetime(2026, 1, 1)  # noqa: DTZ001 -- a workbook has no zones; it is always this one.
_WIDTHS = {
    Column.CELL: 18,
    Column.LABEL: 52,
    Column.VALUE: 12,
    Column.REASON: 30,
    Column.COMMENT: 40,
    Column.PROBLEM: 60,
}
_PLAIN = re.compile(r"(?:0|[1-9][0-9]{0,8})")
_CHOICES = 3  # The column of the manifest that holds what the drop-down lists offer.
_FORMATS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "text": {"font_color": "#404040"},
    "header": {"bold": True, "bg_color": "#D9E2F3", "border": 1, "text_wrap": True},
    "fixed": {"border": 1, "text_wrap": True, "valign": "top"},
    "input": {"border": 1, "text_wrap": True, "valign": "top", "locked": False},
    "wrong": {
        "border": 1,
        "text_wrap": True,
        "valign": "top",
        "locked": False,
        "bg_color": "#F8CBAD",
    },
    "problem": {"font_color": "#C00000", "text_wrap": True, "valign": "top"},
}


@dataclass(frozen=True)
class Reply:
    """What was sent, and what is to be said of it, all in the language of the template.

    `marks` are the columns at fault by line, `remarks` the sentences by line; what belongs to no
    line is said in `others`, above the table.
    """

    summary: str = ""
    given: Mapping[str, Given] = field(default_factory=dict)
    marks: Mapping[str, frozenset[Column]] = field(default_factory=dict)
    remarks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    others: Sequence[str] = ()


def write_form(template: Template) -> bytes:
    """Return the workbook to fill in."""
    return _write(template, None)


def write_reply(template: Template, reply: Reply) -> bytes:
    """Return the workbook that answers a file: what it said, and what is wrong with it.

    It may be corrected and sent in again, since it is the workbook of the same form.
    """
    return _write(template, reply)


def _write(template: Template, reply: Reply | None) -> bytes:
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(made, options)
    book.set_properties({"title": template.heading[0], "created": _WRITTEN})
    formats = {name: book.add_format(dict(told)) for name, told in _FORMATS.items()}
    sheet = book.add_worksheet(template.sheet)
    hidden = book.add_worksheet(MANIFEST_SHEET)
    hidden.very_hidden()
    _write_manifest(hidden, template)
    columns = [one for one in Column if reply is not None or one is not Column.PROBLEM]
    for number, column in enumerate(columns):
        sheet.set_column(number, number, _WIDTHS[column])
    top = _write_heading(sheet, template, reply, formats)
    sheet.set_row(top, None, None, {"hidden": True})
    for number, column in enumerate(columns):
        sheet.write_string(top, number, column.value)
        sheet.write_string(top + 1, number, template.headers[column], formats["header"])
    sheet.freeze_panes(top + 2, 0)
    for number, line in enumerate((*template.lines, template.attest), start=top + 2):
        _write_line(sheet, number, line, reply, formats)
    _restrict(sheet, template, top + 2)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    book.close()
    return made.getvalue()


def _write_manifest(sheet: Worksheet, template: Template) -> None:
    told = {**asdict(template.manifest), "hash": template.hash}
    for number, (name, value) in enumerate(told.items()):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, value)
    for number, choice in enumerate((*template.choices, template.yes)):
        sheet.write_string(number, _CHOICES, choice.label)
    sheet.protect()


def _write_heading(
    sheet: Worksheet, template: Template, reply: Reply | None, formats: Mapping[str, Any]
) -> int:
    """Write what stands above the table, and return the row below it, counted from 0."""
    for number, text in enumerate(template.heading):
        sheet.write_string(number, 0, text, formats["text" if number else "title"])
    row = len(template.heading)
    for text in () if reply is None else (reply.summary, *reply.others):
        sheet.write_string(row, 0, text, formats["problem"])
        row += 1
    return row + 1


def _write_line(
    sheet: Worksheet, number: int, line: Line, reply: Reply | None, formats: Mapping[str, Any]
) -> None:
    sheet.write_string(number, 0, line.cell, formats["fixed"])
    sheet.write_string(number, 1, line.label, formats["fixed"])
    sent = Given() if reply is None else reply.given.get(line.cell, Given())
    wrong = frozenset[Column]() if reply is None else reply.marks.get(line.cell, frozenset())
    texts = (sent.value, sent.reason, sent.comment)
    for position, (column, text) in enumerate(zip(INPUTS, texts, strict=True), start=2):
        style = formats["wrong" if column in wrong else "input"]
        if column is Column.VALUE and _PLAIN.fullmatch(text):
            # As text a spreadsheet would neither add it up nor hold it to the limits below.
            sheet.write_number(number, position, int(text), style)
        elif text:
            sheet.write_string(number, position, text, style)
        else:
            sheet.write_blank(number, position, None, style)
    said = "" if reply is None else " ".join(reply.remarks.get(line.cell, ()))
    if said:
        sheet.write_string(number, len(INPUTS) + 2, said, formats["problem"])


def _restrict(sheet: Worksheet, template: Template, first: int) -> None:
    """Let a spreadsheet refuse at once what would be refused later."""
    count = len(template.lines)
    for number, line in enumerate(template.lines, start=first):
        kind = "decimal" if line.decimals else "integer"
        sheet.data_validation(
            number,
            2,
            number,
            2,
            {"validate": kind, "criteria": "between", "minimum": 0, "maximum": LARGEST},
        )
    last = first + count - 1
    offered = _range(0, len(template.choices))
    sheet.data_validation(first, 3, last, 3, {"validate": "list", "source": offered})
    length = {"validate": "length", "criteria": "<=", "value": LONGEST_COMMENT}
    sheet.data_validation(first, 4, last, 4, length)
    yes = _range(len(template.choices), 1)
    sheet.data_validation(last + 1, 2, last + 1, 2, {"validate": "list", "source": yes})


def _range(start: int, count: int) -> str:
    top, bottom = (place(row, _CHOICES) for row in (start, start + count - 1))
    absolute = [f"${one[0]}${one[1:]}" for one in (top, bottom)]
    return f"={MANIFEST_SHEET}!{':'.join(absolute)}"
