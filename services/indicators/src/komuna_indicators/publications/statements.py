"""From a computed figure to the columns of its statement."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from komuna_indicators.catalogue.rules import Dimension
from komuna_indicators.catalogue.snapshot import Catalogue
from komuna_indicators.observations.rules import Origin
from komuna_indicators.periods import Period

from .rules import Figure

SYNTHETIC_NOTE = {
    "sq": "E shpikur, për demonstrim.",
    "sr-Latn": "Izmišljeno, za demonstraciju.",
    "en": "Invented, for demonstration.",
}


def columns(figure: Figure) -> dict[str, Any]:
    """Return what two statements of one figure must share to be the same."""
    coverage = figure.coverage
    return {
        "value": figure.value,
        "status": figure.status,
        "reason": figure.reason,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "coverage_count": None if coverage is None else coverage.count,
        "coverage_of": None if coverage is None else coverage.of,
        "submission_id": figure.submission,
        "cell": figure.cell,
    }


def is_same(stored: Row[Any] | None, figure: Figure) -> bool:
    """Say whether a statement says already what the figure says."""
    return stored is not None and all(
        getattr(stored, name) == value for name, value in columns(figure).items()
    )


def statement(
    figure: Figure,
    catalogue: Catalogue,
    *,
    period: Period,
    origin: Origin,
    source: str,
    release: UUID,
) -> dict[str, Any]:
    """Return all columns of the statement of a figure."""
    name, municipality, codes = figure.place
    indicator = catalogue.indicators[name]
    dimensions = catalogue.dimensions[indicator.dataflow]
    return {
        "dataflow": indicator.dataflow,
        "indicator": name,
        "municipality": municipality,
        "period_from": period.start,
        "period_to": period.end,
        "breakdown": codes,
        **dict.fromkeys(Dimension),
        **dict(zip(dimensions, codes.split("."), strict=True)),
        **columns(figure),
        "qualifier": None,
        "unit": indicator.unit,
        "decimals": indicator.decimals,
        "origin": origin,
        "source": source,
        "document": None,
        "fact": None,
        "members": [],
        "note": SYNTHETIC_NOTE if origin is Origin.SYNTHETIC else {},
        "release_id": release,
    }
