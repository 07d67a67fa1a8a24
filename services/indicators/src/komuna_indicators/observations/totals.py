"""Where a part is greater than the total it belongs to: women among all, a municipality's share."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from komuna_indicators.catalogue.rules import TOTAL


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a table: what the table is, the figure's codes, and its row where it is new."""

    table: tuple[object, ...]
    codes: tuple[str, ...]
    value: Decimal
    row: int | None = None


def rows_over_total(figures: Iterable[Figure]) -> Iterator[int]:
    """Yield the new row that makes a part greater than its total, once for each pair."""
    listed = list(figures)
    # A total that is printed twice counts with its greater figure.
    totals: dict[tuple[object, ...], Figure] = {}
    for figure in sorted(listed, key=lambda one: one.value):
        totals[figure.table, figure.codes] = figure
    for part in listed:
        for total in _totals_of(part, totals):
            new = part.row if part.row is not None else total.row
            if part.value > total.value and new is not None:
                yield new
                break


def _totals_of(part: Figure, totals: dict[tuple[object, ...], Figure]) -> Iterator[Figure]:
    for position, code in enumerate(part.codes):
        whole = (*part.codes[:position], TOTAL, *part.codes[position + 1 :])
        if code != TOTAL and (part.table, whole) in totals:
            yield totals[part.table, whole]
