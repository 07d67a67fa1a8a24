"""How a stored figure reads outside: numbers as numbers, nothing where nothing is known."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row

from komuna_indicators import periods
from komuna_indicators.catalogue.rules import series_key
from komuna_indicators.catalogue.snapshot import Catalogue
from komuna_indicators.periods import Period
from komuna_shared.formats.writing import cell_text
from komuna_shared.languages import label

from .schemas import CSV_COLUMNS, ObservationOut, PeriodOut

_ONE = TypeAdapter(ObservationOut)


def present(row: Row[Any], catalogue: Catalogue, language: str) -> ObservationOut:
    """Return one figure as callers see it."""
    held: Sequence[Any] = row
    # By place: looking each value up by its name would cost more than all the rest.
    figure, dataflow, indicator, municipality, starts, ends, breakdown = held[:7]
    value, status, reason, qualifier, unit, decimals, numerator, denominator = held[7:15]
    origin, source, document, fact, members, note, covered, of, release = held[15:24]
    stated_in = catalogue.documents.get(document)
    codes = breakdown.split(".") if breakdown else ()
    return {
        "id": None if figure is None else str(figure),
        "dataflow": dataflow,
        "indicator": indicator,
        "municipality": municipality,
        "dimensions": dict(zip(catalogue.dimensions.get(dataflow, ()), codes, strict=False)),
        "key": series_key(indicator, municipality, breakdown),
        **_period(starts, ends),
        "value": number(value),
        "status": status,
        "reason": reason,
        "qualifier": qualifier,
        "unit": unit,
        "decimals": decimals,
        "numerator": number(numerator),
        "denominator": number(denominator),
        "origin": origin,
        "source": source,
        "document": document,
        "published_on": None if stated_in is None else stated_in.published_on,
        "fact": fact,
        "members": members or [],
        "note": label(note, language)[0] if note else None,
        "release": release,
        "coverage": None if covered is None else {"count": covered, "of": of},
    }


@lru_cache(maxsize=4096)
def _period(start: date, end: date) -> PeriodOut:
    stated = Period(start, end)
    return {
        "period": periods.code(stated),
        "period_starts_on": start if stated.is_stated else None,
        "period_ends_before": end if stated.is_stated else None,
    }


def number(value: float | None) -> float | None:
    """Return a figure whole where it is whole; nothing stays nothing."""
    return int(value) if value is not None and value.is_integer() else value


def flat(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure as one line of a table, with a column for each dimension."""
    coverage = shown["coverage"] or {}
    told = {
        **shown,
        **shown["dimensions"],
        "members": " ".join(shown["members"]) or None,
        "coverage_count": coverage.get("count"),
        "coverage_of": coverage.get("of"),
    }
    return {name: told.get(name) for name in CSV_COLUMNS}


class CsvText:
    """A CSV file that grows line by line; with a mark, so that spreadsheets read it as UTF-8."""

    def __init__(self) -> None:
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text)
        self._writer.writerow(CSV_COLUMNS)

    def write(self, figures: Iterable[ObservationOut]) -> None:
        """Append figures."""
        for figure in figures:
            line = flat(figure)
            self._writer.writerow([cell_text(line[name]) for name in CSV_COLUMNS])

    def read(self) -> bytes:
        """Return the file."""
        return self._text.getvalue().encode("utf-8-sig")


class JsonLines:
    """A file with one JSON object to the line, as the list has them."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def write(self, figures: Iterable[ObservationOut]) -> None:
        """Append figures."""
        self._lines += [_ONE.dump_json(figure) for figure in figures]

    def read(self) -> bytes:
        """Return the file."""
        return b"".join(line + b"\n" for line in self._lines)
