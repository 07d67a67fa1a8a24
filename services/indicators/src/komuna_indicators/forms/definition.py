"""From a stored form and the catalogue to the one definition that everything is made from."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from komuna_indicators.catalogue.rules import TOTAL, Dimension, breakdown
from komuna_indicators.catalogue.snapshot import Catalogue
from komuna_indicators.names import TAGS

from .rules import (
    GREATEST,
    REASONS,
    WITH_VALUE,
    Cell,
    Form,
    Total,
)

LONGEST_COMMENT = 1000
Schema = dict[str, Any]


def make_form(row: Row[Any], catalogue: Catalogue) -> Form:
    """Return the form with the names, units and definitions of its indicators."""
    dimensions = catalogue.dimensions[row.dataflow]
    cells = {one["code"]: _cell(one, catalogue, dimensions) for one in row.cells}
    return Form(
        code=row.code,
        version=row.version,
        names=row.names,
        instructions=row.instructions,
        dataflow=row.dataflow,
        periodicity=row.periodicity,
        cells=cells,
        totals=tuple(_total(one, cells, dimensions) for one in row.totals),
    )


def json_schema(form: Form) -> Schema:
    """Return the JSON schema of the list of filled-in cells."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "array",
        "minItems": 1,
        "items": {"oneOf": [_cell_schema(cell) for cell in form.cells.values()]},
        "allOf": [
            {
                "contains": {"required": ["cell"], "properties": {"cell": {"const": cell.code}}},
                "minContains": int(cell.is_required),
                "maxContains": 1,
            }
            for cell in form.cells.values()
        ],
    }


def _cell(stored: Mapping[str, Any], catalogue: Catalogue, dimensions: Mapping[Any, str]) -> Cell:
    indicator = catalogue.indicators[stored["indicator"]]
    codes: dict[str, str] = stored["dimensions"]
    return Cell(
        code=stored["code"],
        indicator=indicator.code,
        codes=codes,
        breakdown=breakdown(list(dimensions), dict(codes)),
        is_required=stored["is_required"],
        names={tag: _name(indicator, codes, catalogue, tag) for tag in TAGS},
        help=indicator.definition,
        unit=indicator.unit,
        decimals=indicator.decimals,
    )


def _name(indicator: Row[Any], codes: Mapping[str, str], catalogue: Catalogue, tag: str) -> str:
    lists = catalogue.dimensions[indicator.dataflow]
    parts = [
        catalogue.codes[lists[Dimension(name)]][code][tag]
        for name, code in codes.items()
        if code != TOTAL
    ]
    return ": ".join([indicator.names[tag], ", ".join(parts)]) if parts else indicator.names[tag]


def _total(
    stored: Mapping[str, Any], cells: Mapping[str, Cell], dimensions: Mapping[Any, str]
) -> Total:
    parts = tuple(stored["parts"])
    return Total(
        indicator=cells[parts[0]].indicator,
        breakdown=breakdown(list(dimensions), stored["dimensions"]),
        parts=parts,
        cell=stored["cell"],
    )


def _cell_schema(cell: Cell) -> Schema:
    number: Schema = {"type": "integer"}
    if cell.decimals:
        number = {"type": "number", "multipleOf": 10**-cell.decimals}
    value = number | {"minimum": 0, "maximum": GREATEST}
    nothing: Schema = {"type": "null"}
    statuses = [status.value for status in WITH_VALUE]
    told = {"value": value, "status": {"enum": [*statuses, None]}, "reason": nothing}
    missing = [
        _shape(
            cell,
            {
                "value": nothing,
                "status": {"const": status.value},
                "reason": {"enum": sorted(reason.value for reason in reasons)},
            },
            ["status", "reason"],
        )
        for status, reasons in REASONS.items()
    ]
    return {"oneOf": [_shape(cell, told, ["value"]), *missing]}


def _shape(cell: Cell, properties: Schema, required: list[str]) -> Schema:
    comment = {"type": ["string", "null"], "maxLength": LONGEST_COMMENT}
    return {
        "type": "object",
        "required": ["cell", *required],
        "additionalProperties": False,
        "properties": {"cell": {"const": cell.code}, **properties, "comment": comment},
    }
