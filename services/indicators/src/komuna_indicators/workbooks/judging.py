"""A workbook that came back, judged cell by cell: what it says, and every place that is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from .rules import (
    ATTEST,
    INPUTS,
    MANIFEST_SHEET,
    Column,
    Given,
    Line,
    Manifest,
    SheetProblem,
    Template,
    structure_hash,
)
from .sheets import Sheet
from .table import Table, find_table, given
from .values import LARGEST, LONGEST_COMMENT, Read, read_choice, read_comment, read_number

_MISSING_SHEET = "The sheet of the form is missing. Fetch a fresh workbook."
_MISSING_MANIFEST = "This workbook was not made here, or lost its hidden sheet. Fetch a fresh one."
_BROKEN_MANIFEST = "The hidden sheet of this workbook was changed. Fetch a fresh workbook."
_OTHER_FORM = "This is the workbook of another form."
_OTHER_VERSION = "This is the workbook of another version of the form. Fetch a fresh one."
_OTHER_OBLIGATION = "This is the workbook of another obligation."
_OTHER_MUNICIPALITY = "This is the workbook of another municipality."
_OTHER_PERIOD = "This is the workbook of another period."
_LONG = {"most": LONGEST_COMMENT}
_GREAT = {"most": LARGEST}
_UNREAD = {
    one.code: one
    for one in (
        SheetProblem("", "comment_too_long", "A comment may have at most {most} signs.", _LONG),
        SheetProblem("", "control_character", "The cell holds a character that cannot be stored."),
        SheetProblem("", "decimal_comma", "This has a decimal comma, or one between thousands."),
        SheetProblem("", "negative", "A count cannot be below zero."),
        SheetProblem("", "not_a_number", "This is not a number."),
        SheetProblem("", "not_whole", "Only whole numbers are counted here."),
        SheetProblem("", "number_too_large", "A number may be at most {most}.", _GREAT),
        SheetProblem("", "unknown_reason", "This is not in the list. Choose from the list."),
    )
}
_UNCALCULATED = SheetProblem(
    "",
    "uncalculated_formula",
    "This formula was never calculated, so there is no figure. Write the number.",
)
_FORMULA = SheetProblem(
    "", "formula", "There is a formula here. Write the number itself, or paste it as a value."
)
_ERROR = SheetProblem(
    "", "error_value", "There is an error of the spreadsheet here. Write the number."
)
_BOTH = SheetProblem(
    "", "value_and_reason", "There is a figure and a reason why there is none. Delete one of them."
)
_NEITHER = SheetProblem(
    "",
    "neither_value_nor_reason",
    "Write a number (0 if there was none), or choose why there is no figure.",
)


@dataclass(frozen=True, slots=True)
class Said:
    """What one line of the form says: a figure, or the code of the reason why there is none."""

    cell: str
    value: Decimal | None
    reason: str | None
    comment: str | None


@dataclass(frozen=True)
class Judged:
    """What a workbook says; to be believed only where there is no problem."""

    said: tuple[Said, ...] = ()
    attests_no_cases: bool = False
    problems: tuple[SheetProblem, ...] = ()
    given: Mapping[str, Given] = field(default_factory=dict)
    # What the sheet of the form is called in the file; empty where that is no name of ours, since
    # what was sent is never repeated.
    sheet: str = ""
    table: Table = field(default_factory=Table)


def judge(sheets: Mapping[str, Sheet], template: Template) -> Judged:
    """Judge a workbook by the form it should be for."""
    found = tuple(_manifest_problems(sheets.get(MANIFEST_SHEET), template))
    name = _form_sheet(sheets, template)
    if name is None:
        return Judged(problems=(*found, SheetProblem("", "missing_sheet", _MISSING_SHEET)))
    sheet = sheets[name]
    table = find_table(sheet, template)
    ours = name if name in template.sheets else ""
    known = Judged(problems=found, given=given(sheet, table), sheet=ours, table=table)
    if found:
        # A table that is for something else would be nothing but wrong.
        return known
    problems = list(table.problems)
    said = []
    for line in (one for one in template.lines if one.cell in table.rows):
        reads = _reads(sheet, table, template, line)
        problems += _line_problems(sheet, table, line, reads)
        if line.is_required or reads[Column.VALUE].value is not None or reads[Column.REASON].value:
            said.append(Said(line.cell, *(reads[one].value for one in INPUTS)))
    attested, wrong = _attested(sheet, table, template)
    return replace(known, said=tuple(said), attests_no_cases=attested, problems=(*problems, *wrong))


def _form_sheet(sheets: Mapping[str, Sheet], template: Template) -> str | None:
    # People rename sheets; the first one that is not the manifest is the form.
    others = [name for name in sheets if name != MANIFEST_SHEET]
    return next((name for name in others if name in template.sheets), next(iter(others), None))


def _manifest_problems(sheet: Sheet | None, template: Template) -> Iterator[SheetProblem]:
    if sheet is None:
        yield SheetProblem("", "missing_manifest", _MISSING_MANIFEST)
        return
    told = {str(row[0]): row[1] for row in sheet.rows if len(row) > 1 and row[0] is not None}
    wrong = list(_other_purpose(told, template.manifest))
    yield from wrong
    manifest = Manifest(**{name: str(told.get(name)) for name in Manifest.__slots__})
    cells = tuple(line.cell for line in template.lines)
    if not wrong and told.get("hash") != structure_hash(manifest, cells):
        yield SheetProblem("", "broken_manifest", _BROKEN_MANIFEST)


def _other_purpose(told: Mapping[str, Any], wanted: Manifest) -> Iterator[SheetProblem]:
    if told.get("form") != wanted.form:
        yield SheetProblem("", "other_form", _OTHER_FORM)
    elif told.get("version") != wanted.version:
        yield SheetProblem("", "other_version", _OTHER_VERSION)
    if told.get("obligation") != wanted.obligation:
        yield SheetProblem("", "other_obligation", _OTHER_OBLIGATION)
    if told.get("municipality") != wanted.municipality:
        yield SheetProblem("", "other_municipality", _OTHER_MUNICIPALITY)
    if told.get("period") != wanted.period:
        yield SheetProblem("", "other_period", _OTHER_PERIOD)


def _reads(sheet: Sheet, table: Table, template: Template, line: Line) -> dict[Column, Read]:
    row = table.rows[line.cell]
    value, reason, comment = (sheet.at(row, table.columns[one]) for one in INPUTS)
    return {
        Column.VALUE: read_number(value, line.decimals),
        Column.REASON: read_choice(reason, template.choices),
        Column.COMMENT: read_comment(comment),
    }


def _line_problems(
    sheet: Sheet, table: Table, line: Line, reads: Mapping[Column, Read]
) -> Iterator[SheetProblem]:
    unsure = list(_unsure(sheet, table, line.cell))
    if unsure:
        yield from unsure
        return
    for column, read in reads.items():
        if read.code:
            yield table.problem(line.cell, column, _UNREAD[read.code])
    value, reason = reads[Column.VALUE], reads[Column.REASON]
    if value.code or reason.code:
        return
    if value.value is not None and reason.value is not None:
        yield table.problem(line.cell, Column.REASON, _BOTH)
    elif line.is_required and value.value is None and reason.value is None:
        yield table.problem(line.cell, Column.VALUE, _NEITHER)


def _unsure(sheet: Sheet, table: Table, cell: str) -> Iterator[SheetProblem]:
    """Find what only shows a value, or shows none: what it would be is not for us to guess."""
    for column in INPUTS:
        at = table.rows[cell], table.columns[column]
        if at in sheet.formulas:
            is_blank = sheet.at(*at) is None
            yield table.problem(cell, column, _UNCALCULATED if is_blank else _FORMULA)
        elif at in sheet.errors:
            yield table.problem(cell, column, _ERROR)


def _attested(
    sheet: Sheet, table: Table, template: Template
) -> tuple[bool, tuple[SheetProblem, ...]]:
    """Say whether it is confirmed that there was nothing to count."""
    if ATTEST not in table.rows:
        return False, ()
    unsure = tuple(_unsure(sheet, table, ATTEST))
    if unsure:
        return False, unsure
    cell = sheet.at(table.rows[ATTEST], table.columns[Column.VALUE])
    read = read_choice(cell, (template.yes,))
    if read.code:
        return False, (table.problem(ATTEST, Column.VALUE, _UNREAD[read.code]),)
    return read.value is not None, ()
