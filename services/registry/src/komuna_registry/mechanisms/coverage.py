"""How a coverage is told: as JSON in the caller's language, or as a table."""

import csv
import io
from collections.abc import Sequence

from komuna_registry.citations import Citation
from komuna_registry.sources.schemas import SourceOut
from komuna_shared.database import Record
from komuna_shared.formats.writing import cell_text
from komuna_shared.languages import label, translate

from . import rules
from .queries import Coverage, MunicipalityFound
from .rules import Reason
from .schemas import CoverageOut, KindOut, MunicipalityStateOut, StatementOut

COLUMNS = ("slug", "label", "as_of", "state", "reason", "consulted", "statements", "printed_as")
_DETAILS = {
    Reason.STATED: "A source says so.",
    Reason.SOURCES_DISAGREE: "Sources disagree; every statement is shown.",
    Reason.NOT_IN_SOURCE: "The source reports on this and does not name this municipality.",
    Reason.NO_SOURCE_FOR_DATE: "No source that is loaded reports on this day.",
}


def as_json(coverage: Coverage, sources: Sequence[Record], language: str) -> CoverageOut:
    """Return the coverage as callers of the API read it."""
    return CoverageOut(
        kind=describe_kind(coverage.kind, language),
        as_of=coverage.as_of,
        municipality_count=len(coverage.rows),
        possible_count=coverage.possible_count,
        totals=rules.count_states(row.finding for row in coverage.rows),
        items=[_item(coverage, row, language) for row in coverage.rows],
        sources=[SourceOut.model_validate(source) for source in sources],
    )


def as_csv(coverage: Coverage, language: str) -> bytes:
    """Return the coverage as a table, one row for each municipality."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in coverage.rows:
        item = _item(coverage, row, language)
        writer.writerow(
            [
                cell_text(value)
                for value in (
                    item.slug,
                    item.label,
                    coverage.as_of,
                    item.state.value,
                    item.reason.value,
                    "; ".join(f"{one.source}:{one.locator}" for one in item.consulted),
                    "; ".join(f"{one.aspect}={str(one.holds).lower()}" for one in item.statements),
                    "; ".join(sorted({one.printed_as or "" for one in item.statements})),
                )
            ]
        )
    return file.getvalue().encode("utf-8-sig")


def describe_kind(row: Record, language: str) -> KindOut:
    """Return a kind as callers read it."""
    return KindOut(
        code=row.code,
        label=label(row.names, language)[0],
        names=row.names,
        mandate=row.mandate,
        legal_basis=row.legal_basis,
        source=row.source,
        locator=row.locator,
    )


def _item(coverage: Coverage, row: MunicipalityFound, language: str) -> MunicipalityStateOut:
    said = {(one.source, one.locator) for one in row.statements}
    return MunicipalityStateOut(
        slug=row.entry.row.slug,
        label=label(row.entry.names, language)[0],
        state=row.finding.state,
        reason=row.finding.reason,
        detail=translate(_DETAILS[row.finding.reason], language),
        statements=[StatementOut.model_validate(one) for one in row.statements],
        consulted=[
            Citation(source=source, locator=locator)
            for source, locator in sorted(said or coverage.consulted)
        ],
    )
