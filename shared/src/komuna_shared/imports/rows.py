"""From cells to rows: what the row model says of each, in codes that name no value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from komuna_shared.formats import Media
from komuna_shared.formats.reading import Columns, RawRow, UnreadableRowError, letter, read_rows
from komuna_shared.languages import own
from komuna_shared.validation import PYDANTICS

from .collection import Collection, Row, RowProblem

BATCH = 2000

_DECIMAL_COMMA = re.compile(r"[+-]?\d[\d. ]*,\d+\s*%?")
_CODES = {
    "date_from_datetime_inexact": "not_a_date",
    "date_from_datetime_parsing": "not_a_date",
    "date_parsing": "not_a_date",
    "date_type": "not_a_date",
    "datetime_from_date_parsing": "not_a_date",
    "datetime_parsing": "not_a_date",
    "decimal_parsing": "not_a_number",
    "decimal_type": "not_a_number",
    "enum": "unknown_code",
    "extra_forbidden": "unknown_column",
    "finite_number": "not_a_number",
    "float_parsing": "not_a_number",
    "float_type": "not_a_number",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "int_from_float": "not_a_number",
    "int_parsing": "not_a_number",
    "int_type": "not_a_number",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "literal_error": "unknown_code",
    "missing": "missing_value",
    "string_pattern_mismatch": "invalid_value",
    "string_too_long": "too_long",
    "string_too_short": "too_short",
}
"""Pydantic's own codes in our words.

A feature's `PydanticCustomError(code, SENTENCE, {"column": ...})` keeps its code and sentence.
"""


class RowModel(BaseModel):
    """A convenient base for row models: no other columns, codes that look like numbers are text."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


@dataclass
class Batch:
    """Some rows of a file, read and judged."""

    rows: list[Row[Any]] = field(default_factory=list)
    raw: list[RawRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


class Reader:
    """Reads a file batch by batch; slow, so call it in a thread."""

    def __init__(self, path: Path, media: Media, collection: Collection[Any]) -> None:
        self._model = collection.row_model
        self._columns = columns_of(collection.row_model)
        self._rows: Iterator[RawRow] = read_rows(path, media, self._columns)

    def read(self) -> Batch | None:
        """Return the next batch, or None at the end."""
        batch = Batch()
        try:
            for raw in islice(self._rows, BATCH):
                self._judge(raw, batch)
        except UnreadableRowError as error:
            batch.problems.append(RowProblem(error.row, error.column, error.code))
            self._rows = iter(())
        return batch if batch.raw or batch.problems else None

    def _judge(self, raw: RawRow, batch: Batch) -> None:
        batch.raw.append(raw)
        if raw.faults:
            batch.problems += [
                RowProblem(raw.number, column, fault.code) for column, fault in raw.faults.items()
            ]
            return
        try:
            value = self._model.model_validate(present(raw.cells, self._columns))
        except ValidationError as error:
            batch.problems += problems_of(error, raw, self._columns)
        else:
            batch.rows.append(Row(raw.number, value))


def columns_of(model: type[BaseModel]) -> Columns:
    """Return what the header of a table of these rows may name, and must."""
    names = {(one.alias or name): one.is_required() for name, one in model.model_fields.items()}
    return Columns(
        known=frozenset(names),
        required=frozenset(name for name, required in names.items() if required),
    )


def present(cells: dict[str, Any], columns: Columns) -> dict[str, Any]:
    """Return the cells without blanks for which the row model has an answer of its own."""
    return {
        name: cell
        for name, cell in cells.items()
        if cell is not None or name in columns.required or name not in columns.known
    }


def key_of(collection: Collection[Any], value: BaseModel) -> str | None:
    """Return what must occur once in a file, or None where the row says nothing of it."""
    parts = [getattr(value, name) for name in collection.key]
    if all(part is None for part in parts):
        return None
    return orjson.dumps(parts, default=str).decode()


def problems_of(error: ValidationError, raw: RawRow, columns: Columns) -> list[RowProblem]:
    """Return what is wrong with a row, each thing once, in words that repeat nothing of it."""
    found: dict[tuple[str, str], RowProblem] = {}
    for one in error.errors(include_url=False, include_context=True):
        code = _code(one)
        column = _column(one, raw, columns)
        found.setdefault((column, code), RowProblem(raw.number, column, code, own(one["msg"])))
    return list(found.values())


def _code(error: ErrorDetails) -> str:
    kind, sent = error["type"], error["input"]
    if sent is None and error["loc"]:
        return "missing_value"
    code = _CODES.get(kind)
    if code == "not_a_number" and isinstance(sent, str) and _DECIMAL_COMMA.fullmatch(sent):
        return "decimal_comma"
    # What pydantic does not know was named by the feature's own validator.
    return code or ("invalid_value" if kind in PYDANTICS else kind)


def _column(error: ErrorDetails, raw: RawRow, columns: Columns) -> str:
    place = error["loc"]
    if not place:
        return str(error.get("ctx", {}).get("column", ""))
    name = str(place[0])
    if name in columns.known:
        return name
    # Somebody else's word: name its place instead.
    return letter(list(raw.cells).index(name)) if name in raw.cells else ""
