"""A form to make workbooks of, and what people do to workbooks."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from komuna_indicators import main
from komuna_indicators.forms.rules import Cell, Form
from komuna_indicators.workbooks.judging import Judged, judge
from komuna_indicators.workbooks.rules import Column, Manifest, Template
from komuna_indicators.workbooks.sheets import read_sheets
from komuna_indicators.workbooks.texts import make_template
from komuna_indicators.workbooks.writing import write_form

assert main  # It brings the sentences.

Change = Callable[[Worksheet], None]

REASONS = {
    "not_in_source": {"sq": "Dokumenti nuk e thotë", "sr-Latn": "Ne navodi", "en": "Not said"},
    "not_received": {"sq": "Ende e papranuar", "sr-Latn": "Još nije", "en": "Not received yet"},
    "cannot_exist": {"sq": "Nuk mund të ekzistojë", "sr-Latn": "Ne može", "en": "Cannot exist"},
}
MUNICIPALITY = {"sq": "Prishtinë", "sr-Latn": "Priština", "en": "Prishtina"}
POSTS = ("mayor.F", "mayor.M", "director.F", "director.M")
OPTIONAL = "director._T"


def _cell(code: str) -> Cell:
    sex = {"F": ("Gra", "Žene", "Women"), "M": ("Burra", "Muškarci", "Men")}
    post, _, of = code.partition(".")
    named = dict(
        zip(("sq", "sr-Latn", "en"), sex.get(of, ("të gjithë", "svi", "all")), strict=True)
    )
    names = {tag: f"{post}: {text}" for tag, text in named.items()}
    return Cell(
        code=code,
        indicator=f"{post}s",
        codes={"sex": of},
        breakdown=f"sex={of}",
        is_required=code != OPTIONAL,
        names=names,
        help=names,
        unit="persons",
        decimals=0,
    )


FORM = Form(
    code="decision-making-posts",
    version="1.0.0",
    names={"sq": "Postet", "sr-Latn": "Položaji", "en": "Posts"},
    instructions={"sq": "Kush?", "sr-Latn": "Ko?", "en": "Who is counted?"},
    dataflow="decision-making",
    periodicity="half_year",
    cells={code: _cell(code) for code in (*POSTS, OPTIONAL)},
    totals=(),
)


def template(language: str = "en", **other: str) -> Template:
    """Return the template of the form, for somebody else where `other` says so."""
    told = {
        "form": FORM.code,
        "version": FORM.version,
        "obligation": "decision-making-posts-demo",
        "municipality": "prishtine",
        "period": "2026-S1",
    }
    manifest = Manifest(**{**told, **other}, language=language)
    return make_template(FORM, manifest, REASONS, MUNICIPALITY)


def row_of(sheet: Worksheet, code: str) -> int:
    """Return the row, counted from 1, of a line."""
    [row] = [row[0].row for row in sheet.iter_rows(max_col=1) if row[0].value == code]
    return int(row)


def put(sheet: Worksheet, code: str, **told: Any) -> None:
    """Write into the inputs of a line."""
    for column, value in told.items():
        sheet.cell(row_of(sheet, code), list(Column).index(Column(column)) + 1).value = value


def fill(sheet: Worksheet) -> None:
    """Write a number into each required line."""
    for number, code in enumerate(POSTS):
        put(sheet, code, value=number)


def changed(made: bytes, *changes: Change) -> bytes:
    """Return a workbook after somebody did things to its first sheet."""
    book = openpyxl.load_workbook(io.BytesIO(made))
    for change in changes:
        change(book.worksheets[0])
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def judged(
    folder: Path, made: bytes, wanted: Template | None = None
) -> tuple[Judged, Mapping[str, str]]:
    """Judge a workbook; also return the places that are wrong, each with its code."""
    path = folder / "book.xlsx"
    path.write_bytes(made)
    found = judge(read_sheets(path), wanted or template())
    return found, {one.place: one.code for one in found.problems}


def after(folder: Path, *changes: Change) -> tuple[Judged, Mapping[str, str]]:
    """Judge a filled workbook after some changes."""
    return judged(folder, changed(write_form(template()), fill, *changes))


def replaced(made: bytes, old: bytes, new: bytes) -> bytes:
    """Return a workbook with some bytes of its first sheet replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as source, zipfile.ZipFile(target, "w") as copy:
        for part in source.infolist():
            body = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                assert old in body
                body = body.replace(old, new)
            copy.writestr(part.filename, body)
    return target.getvalue()


def with_part(made: bytes, name: str, body: bytes) -> bytes:
    """Return a workbook with one more part in its archive."""
    target = io.BytesIO(made)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return target.getvalue()
