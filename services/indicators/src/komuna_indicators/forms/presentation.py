"""How a form reads in one language."""

from komuna_indicators.catalogue.rules import Periodicity
from komuna_shared.languages import label

from .definition import json_schema
from .rules import Cell, Form, Total
from .schemas import FormCellOut, FormOut, TotalOut


def present_form(form: Form, language: str) -> FormOut:
    """Return a form as callers see it."""
    text, used = label(form.names, language)
    return FormOut(
        code=form.code,
        version=form.version,
        names=dict(form.names),
        label=text,
        label_language=used,
        instructions=label(form.instructions, language)[0],
        dataflow=form.dataflow,
        periodicity=Periodicity(form.periodicity),
        cells=[_cell(cell, language) for cell in form.cells.values()],
        totals=[_total(total) for total in form.totals],
        cells_schema=json_schema(form),
    )


def _cell(cell: Cell, language: str) -> FormCellOut:
    return FormCellOut(
        code=cell.code,
        indicator=cell.indicator,
        dimensions=dict(cell.codes),
        is_required=cell.is_required,
        names=dict(cell.names),
        label=label(cell.names, language)[0],
        help=label(cell.help, language)[0],
        unit=cell.unit,
        decimals=cell.decimals,
    )


def _total(total: Total) -> TotalOut:
    return TotalOut(indicator=total.indicator, cell=total.cell, parts=list(total.parts))
