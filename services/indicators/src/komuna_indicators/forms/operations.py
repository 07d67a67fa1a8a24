"""The import of forms: each is checked against the catalogue it is made from."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators.catalogue.operations import add_versions, version_problems
from komuna_indicators.catalogue.rules import Aggregation, Dimension
from komuna_indicators.catalogue.snapshot import Catalogue, load_catalogue
from komuna_shared.imports import Counts, Row, RowProblem

from .models import Form
from .schemas import FormCellIn, FormIn, TotalIn

Rows = Sequence[Row[FormIn]]

_UNKNOWN_DATAFLOW = "There is no such dataflow."
_UNKNOWN_INDICATOR = "A cell asks for an indicator that the dataflow does not have."
_NO_COUNT = "A cell asks for a figure that is computed; ask for its parts."
_UNKNOWN_CODE = "A cell is broken down by a code that its dataflow does not have."
_REPEATED = "Two cells have the same code or ask for the same figure."
_BAD_TOTAL = "A total names cells that the form does not have, or figures of several indicators."


async def check_forms(session: AsyncSession, rows: Rows) -> list[RowProblem]:
    """Find forms that the catalogue does not bear, or that would alter a published version."""
    catalogue = await load_catalogue(session)
    problems = [
        RowProblem(row.number, column, code, detail)
        for row in rows
        for column, code, detail in _form_problems(row.value, catalogue)
    ]
    return problems + await version_problems(session, Form, rows)


async def add_forms(session: AsyncSession, rows: Rows, _: UUID) -> Counts:
    """Add versions of forms."""
    return await add_versions(session, Form, rows)


def _form_problems(form: FormIn, catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    if form.dataflow not in catalogue.dataflows:
        yield "dataflow", "unknown_dataflow", _UNKNOWN_DATAFLOW
        return
    for cell in form.cells:
        yield from _cell_problems(form, cell, catalogue)
    codes = {cell.code for cell in form.cells}
    asked = {(cell.indicator, *sorted(cell.dimensions.items())) for cell in form.cells}
    if min(len(codes), len(asked)) < len(form.cells):
        yield "cells", "repeated_cell", _REPEATED
    cells = {cell.code: cell for cell in form.cells}
    if not all(_is_sound(total, cells) for total in form.totals):
        yield "totals", "unknown_cell", _BAD_TOTAL


def _cell_problems(
    form: FormIn, cell: FormCellIn, catalogue: Catalogue
) -> Iterator[tuple[str, str, str]]:
    indicator = catalogue.indicators.get(cell.indicator)
    if indicator is None or indicator.dataflow != form.dataflow:
        yield "cells", "unknown_indicator", _UNKNOWN_INDICATOR
    elif indicator.aggregation != Aggregation.SUM:
        yield "cells", "indicator_computed", _NO_COUNT
    lists = catalogue.dimensions[form.dataflow]
    for name, code in cell.dimensions.items():
        codes = catalogue.codes.get(lists.get(Dimension(name), ""), {})
        if code not in codes:
            yield "cells", "unknown_code", _UNKNOWN_CODE


def _is_sound(total: TotalIn, cells: dict[str, FormCellIn]) -> bool:
    named = [*total.parts, *([total.cell] if total.cell else [])]
    if any(name not in cells for name in named) or total.cell in total.parts:
        return False
    own = cells[total.cell].dimensions if total.cell else total.dimensions
    return own == total.dimensions and len({cells[name].indicator for name in named}) == 1
