"""How the explanation of a figure reads in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from komuna_indicators import periods
from komuna_indicators.catalogue.rules import series_key
from komuna_indicators.catalogue.snapshot import Catalogue
from komuna_indicators.observations.presentation import number
from komuna_indicators.periods import Period
from komuna_indicators.releases.schemas import CoverageOut
from komuna_shared.languages import label

from . import rules
from .citations import cite
from .schemas import (
    CheckOut,
    EvidenceOut,
    ExplanationOut,
    FormulaOut,
    InputOut,
    SourceOut,
    StatedOut,
)

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """What is known about one cell: who states it, what it rests on, and in which reports."""

    stated: Rows
    inputs: Rows
    evidence: Mapping[str, Row[Any]]
    area: Mapping[str, str] | None


def explain(found: Found, catalogue: Catalogue, language: str) -> ExplanationOut:
    """Return the leading statement with its inputs, its check and its citations."""
    row, *others = found.stated
    indicator = catalogue.indicators[row.indicator]

    def stated(one: Row[Any]) -> dict[str, Any]:
        return _stated(one, catalogue, language) | {
            "submission": _submission(found.evidence.get(str(one.id)))
        }

    return ExplanationOut(
        **stated(row),
        dataflow=row.dataflow,
        period=periods.code(Period(row.period_from, row.period_to)),
        label=label(indicator.names, language)[0],
        definition=label(indicator.definition, language)[0],
        numerator=number(row.numerator),
        denominator=number(row.denominator),
        formula=_formula(indicator),
        check=_check(row),
        inputs=[InputOut(**stated(one), role=one.role) for one in found.inputs],
        also_stated=[StatedOut(**stated(one)) for one in others],
        members=row.members or [],
        note=label(row.note, language)[0] if row.note else None,
        release=row.release,
        coverage=_coverage(row),
        citations=cite(row, catalogue, found.area),
    )


def _stated(row: Row[Any], catalogue: Catalogue, language: str) -> dict[str, Any]:
    return {
        "indicator": row.indicator,
        "key": series_key(row.indicator, row.municipality, row.breakdown),
        "fact": row.fact,
        "value": number(row.value),
        "status": row.status,
        "reason": row.reason,
        "qualifier": row.qualifier,
        "unit": row.unit,
        "origin": row.origin,
        "source": _source(row, catalogue, language),
    }


def _coverage(row: Row[Any]) -> CoverageOut | None:
    if row.coverage_count is None:
        return None
    return {"count": row.coverage_count, "of": row.coverage_of}


def _submission(row: Row[Any] | None) -> EvidenceOut | None:
    return None if row is None else EvidenceOut.model_validate(row)


def _source(row: Row[Any], catalogue: Catalogue, language: str) -> SourceOut:
    document = catalogue.documents.get(row.document)
    return SourceOut(
        code=row.source,
        document=row.document,
        place=row.source.partition(":")[2] or None,
        title=label(document.names, language)[0] if document else None,
        publisher=label(document.publisher, language)[0] if document else None,
        published_on=document.published_on if document else None,
    )


def _formula(indicator: Row[Any]) -> FormulaOut | None:
    if indicator.numerator is None or indicator.denominator is None:
        return None
    text = f"{indicator.numerator} / {indicator.denominator} * 100"
    return FormulaOut(text=text, version=indicator.version)


def _check(row: Row[Any]) -> CheckOut | None:
    parts = (_exact(part) for part in (row.value, row.numerator, row.denominator))
    made = rules.recompute(*parts, decimals=row.decimals)
    if made is None:
        return None
    exact, rounded = number(float(made.exact)), number(float(made.rounded))
    return CheckOut(exact=exact, rounded=rounded, agrees=made.agrees)


def _exact(part: float | None) -> Decimal | None:
    # The shortest way to write a double is the decimal it was read from.
    return None if part is None else Decimal(str(part))
