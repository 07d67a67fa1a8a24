"""Which ratios follow from the counts of a form."""

import re
from collections.abc import Iterator, Mapping, Sequence

from komuna_indicators.catalogue.rules import Aggregation, breakdown
from komuna_indicators.catalogue.snapshot import Catalogue
from komuna_indicators.forms.rules import Form

from .rules import Ratio, Series

_PERCENT = "percent"
_TERM = re.compile(r"([A-Za-z0-9_-]+)(?:\[([a-z_]+=[A-Za-z0-9_-]+(?:,[a-z_]+=[A-Za-z0-9_-]+)*)\])?")


def find_ratios(form: Form, catalogue: Catalogue) -> Iterator[Ratio]:
    """Yield the percentages of the form's dataflow whose parts the form counts."""
    dimensions = list(catalogue.dimensions[form.dataflow])
    counted = {(cell.indicator, cell.breakdown) for cell in form.cells.values()}
    counted |= {(total.indicator, total.breakdown) for total in form.totals}
    whole = breakdown(dimensions, {})
    for code, row in catalogue.indicators.items():
        if (row.dataflow, row.aggregation, row.unit) != (
            form.dataflow,
            Aggregation.RATIO,
            _PERCENT,
        ):
            continue
        numerator, denominator = (
            _series(text, dimensions) for text in (row.numerator, row.denominator)
        )
        if numerator in counted and denominator in counted:
            yield Ratio((code, whole), numerator, denominator, row.decimals)


def _series(text: str | None, dimensions: Sequence[str]) -> Series:
    found = _TERM.fullmatch(text or "")
    if found is None:
        return "", ""
    return found[1], breakdown(dimensions, _codes(found[2]))


def _codes(text: str | None) -> Mapping[str, str | None]:
    pairs = (one.partition("=") for one in (text or "").split(",") if one)
    return {name: code for name, _, code in pairs}
