"""What is in the workbook of a form, and what must still be in it when it comes back."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

MANIFEST_SHEET = "_komuna"


class Column(StrEnum):
    """What stands in a column of the table, in the order in which they are written."""

    CELL = "cell"
    LABEL = "label"
    VALUE = "value"
    REASON = "reason"
    COMMENT = "comment"
    PROBLEM = "problem"


ATTEST = "attests_no_cases"
"""The line below the cells of the form; no cell of a form can have this code."""

INPUTS = (Column.VALUE, Column.REASON, Column.COMMENT)
NEEDED = (Column.CELL, Column.LABEL, *INPUTS)


class FileState(StrEnum):
    """What became of a file that was sent."""

    REFUSED = "refused"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Manifest:
    """For what a workbook was made."""

    form: str
    version: str
    obligation: str
    municipality: str
    period: str
    language: str


@dataclass(frozen=True, slots=True)
class Line:
    """One cell of the form: its code, what it is called here, and in any language."""

    cell: str
    label: str
    labels: frozenset[str]
    is_required: bool = True
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a drop-down list, under all names it goes by."""

    code: str
    label: str
    labels: frozenset[str]


@dataclass(frozen=True)
class Template:
    """The workbook of one form for one municipality, period and language."""

    manifest: Manifest
    sheet: str
    # What the sheet is called in each language: an answer may be in another one than the file.
    sheets: frozenset[str]
    heading: tuple[str, ...]
    headers: Mapping[Column, str]
    lines: tuple[Line, ...]
    choices: tuple[Choice, ...]
    attest: Line
    yes: Choice

    @property
    def hash(self) -> str:
        """Return what must still stand in the manifest."""
        return structure_hash(self.manifest, tuple(line.cell for line in self.lines))


@dataclass(frozen=True)
class SheetProblem:
    """What is wrong with one place of a workbook; `params` hold trusted text only.

    `place` is a cell as a spreadsheet names it, or empty where the whole workbook is meant; `cell`
    is the form's own code for the line and `column` what stands there, where they are known.
    """

    place: str
    code: str
    detail: str
    params: Mapping[str, Any] = field(default_factory=dict)
    cell: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody wrote into a line, as text."""

    value: str = ""
    reason: str = ""
    comment: str = ""


def structure_hash(manifest: Manifest, cells: tuple[str, ...]) -> str:
    """Return what changes whenever a manifest or the lines it stands for do."""
    told = {"cells": cells, "manifest": asdict(manifest)}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def place(row: int, column: int) -> str:
    """Return the name of the cell at a row and a column, both counted from 0: A1, B7."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return f"{name}{row + 1}"


def pointer(sheet: str, at: str) -> str:
    """Return where a problem is, as problem documents point to it."""
    return f"/sheets/{sheet}/cells/{at}" if at else f"/sheets/{sheet}"
