"""From a row of a file to the statement that is stored, or what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from komuna_indicators import periods
from komuna_indicators.catalogue.rules import (
    Aggregation,
    Dimension,
    breakdown,
)
from komuna_indicators.catalogue.snapshot import Catalogue
from komuna_indicators.municipalities.rules import COUNTRY
from komuna_shared.imports import Row, RowProblem

from . import rules
from .rules import IDENTITY, Status
from .schemas import ObservationIn
from .totals import Figure

Named = Mapping[tuple[str, date | None], str]

UNKNOWN_INDICATOR = "There is no such indicator."
NO_DIMENSION = "This indicator is not broken down by that."
UNIT_MISMATCH = "The indicator is in another unit: `{unit}`."
TOO_PRECISE = "The indicator has at most {decimals} decimals."
NO_REASON = "A figure has a value, or a status and a reason why it is missing."
UNKNOWN_DOCUMENT = "There is no such document."
UNKNOWN_INPUT = "There is no such fact to rest on."
NOT_COPIED = "There is no municipality of this name in the local copy; registry is silent."
NOT_IN_COPY = "There is no municipality of this name in the copy of {as_of}; registry is silent."


@dataclass(frozen=True, slots=True)
class Municipalities:
    """The slug of each name on its day, and the age of the copy where registry was silent."""

    slugs: Named
    is_copy: bool = False
    as_of: datetime | None = None


def day_of(row: ObservationIn) -> date | None:
    """Return the day on which the row's municipalities must have existed: the period's last."""
    if row.period is None:
        return None
    return periods.parse(row.period).end - timedelta(days=1)


def names_of(row: ObservationIn) -> Iterator[tuple[str, str]]:
    """Yield each municipality's name with the column it stands in."""
    if row.municipality is not None and row.municipality != COUNTRY:
        yield "municipality", row.municipality
    for name in (row.members or "").split():
        yield "members", name


def find_problems(
    row: Row[ObservationIn], catalogue: Catalogue, named: Municipalities
) -> Iterator[RowProblem]:
    """Yield what is wrong with one row by itself."""
    value = row.value
    indicator = catalogue.indicators.get(value.indicator)
    if indicator is None:
        yield RowProblem(row.number, "indicator", "unknown_indicator", UNKNOWN_INDICATOR)
    else:
        yield from _figure_problems(row, indicator)
        yield from _code_problems(row, catalogue, indicator.dataflow)
    if value.source.partition(":")[0] not in catalogue.documents:
        yield RowProblem(row.number, "source", "unknown_document", UNKNOWN_DOCUMENT)
    for column, name in names_of(value):
        if (name, day_of(value)) not in named.slugs:
            yield _nameless(row.number, column, named)


def statement(row: ObservationIn, catalogue: Catalogue, named: Municipalities) -> dict[str, Any]:
    """Return the columns of a row without problems."""
    indicator = catalogue.indicators[row.indicator]
    dimensions = catalogue.dimensions[indicator.dataflow]
    period = periods.UNSTATED if row.period is None else periods.parse(row.period)
    day = day_of(row)
    place = row.municipality
    codes = breakdown(list(dimensions), row.codes)
    return {
        "dataflow": indicator.dataflow,
        "indicator": row.indicator,
        "municipality": COUNTRY if place in {None, COUNTRY} else named.slugs[place or "", day],
        "period_from": period.start,
        "period_to": period.end,
        "breakdown": codes,
        **dict.fromkeys(Dimension),
        **dict(zip(dimensions, codes.split("."), strict=False)),
        "value": row.value,
        "status": row.status or Status.NORMAL,
        "reason": row.reason,
        "qualifier": row.qualifier,
        "unit": indicator.unit,
        "decimals": indicator.decimals,
        "numerator": None,
        "denominator": None,
        "origin": row.origin,
        "source": row.source,
        "document": row.source.partition(":")[0],
        "fact": row.fact,
        "members": [named.slugs[name, day] for name in (row.members or "").split()],
        "note": row.note,
    }


def identity(columns: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what makes a current statement the only one of its kind."""
    return tuple(columns[name] for name in IDENTITY)


def figure(columns: Mapping[str, Any], row: int | None, catalogue: Catalogue) -> Figure | None:
    """Return the figure for the comparison with its total; nothing where that means nothing."""
    indicator = catalogue.indicators.get(columns["indicator"])
    value: Decimal | None = columns["value"]
    if value is None or indicator is None or indicator.aggregation is not Aggregation.SUM:
        return None
    table = tuple(columns[name] for name in ("indicator", "period_from", "period_to", "document"))
    codes = (columns["municipality"], *columns["breakdown"].split("."))
    return Figure(table, codes, value, row)


def _figure_problems(row: Row[ObservationIn], indicator: Any) -> Iterator[RowProblem]:
    value = row.value
    status = value.status or Status.NORMAL
    if not rules.agrees(has_value=value.value is not None, status=status, reason=value.reason):
        column = "value" if value.value is None and value.status is None else "status"
        yield RowProblem(row.number, column, "no_value_or_reason", NO_REASON)
    if value.unit not in {None, indicator.unit}:
        told = {"unit": indicator.unit}
        yield RowProblem(row.number, "unit", "unit_mismatch", UNIT_MISMATCH, told)
    exponent = value.value.normalize().as_tuple().exponent if value.value is not None else 0
    if isinstance(exponent, int) and -exponent > indicator.decimals:
        told = {"decimals": indicator.decimals}
        yield RowProblem(row.number, "value", "too_precise", TOO_PRECISE, told)


def _code_problems(
    row: Row[ObservationIn], catalogue: Catalogue, dataflow: str
) -> Iterator[RowProblem]:
    dimensions = catalogue.dimensions[dataflow]
    for name, code in row.value.codes.items():
        if code is None:
            continue
        if Dimension(name) not in dimensions:
            yield RowProblem(row.number, name, "unknown_dimension", NO_DIMENSION)
        elif code not in catalogue.codes[dimensions[Dimension(name)]]:
            yield RowProblem(row.number, name, "unknown_code")


def _nameless(number: int, column: str, named: Municipalities) -> RowProblem:
    if not named.is_copy:
        return RowProblem(number, column, "unknown_municipality")
    as_of = named.as_of
    if as_of is None:
        return RowProblem(number, column, "unknown_municipality", NOT_COPIED)
    told = {"as_of": as_of.isoformat(timespec="seconds")}
    return RowProblem(number, column, "unknown_municipality", NOT_IN_COPY, told)
