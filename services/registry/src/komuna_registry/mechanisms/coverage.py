"""How a coverage is told: as JSON in the caller's language, or as a table."""

import csv
import io
from collections.abc import Sequence

from komuna_registry.citations import Citation, figure_link
from komuna_registry.labels import labelled
from komuna_registry.sources.schemas import SourceOut
from komuna_shared.database import Record
from komuna_shared.formats.writing import cell_text
from komuna_shared.languages import translate

from . import rules
from .queries import Coverage, MunicipalityFound
from .rules import Reason
from .schemas import (
    CoverageOut,
    FrequencyOut,
    KindOut,
    MandateSinceOut,
    MunicipalityStateOut,
    PublicationOut,
    RequirementOut,
    ShareOut,
    StatementOut,
)
from .statements import Statement

COLUMNS = (
    *("slug", "label", "as_of", "state", "reason", "requirement", "requirement_reason"),
    *("consulted", "statements", "printed_as"),
)
_DETAILS = {
    Reason.STATED: "A source says so.",
    Reason.SOURCES_DISAGREE: "Sources disagree; every statement is shown.",
    Reason.NOT_IN_SOURCE: "The source reports on this and does not name this municipality.",
    Reason.NO_SOURCE_FOR_DATE: "No source that is loaded reports on this day.",
    Reason.POSSIBLE: "A source says so of a time that may or may not include this day.",
    Reason.UNDECIDED: "What sources say does not tell whether there is one.",
    Reason.BY_RULE: "The mandate rule of this kind says so.",
    Reason.BEFORE_MANDATE: "On this day nobody had to have one yet.",
    Reason.MANDATE_POSSIBLE: "The source leaves open whether the rule held on this day.",
    Reason.NOT_LISTED: "No source names those who agreed to it, or are listed for it.",
    Reason.NO_COMMUNITY_SHARE: (
        "No sourced share of communities is loaded, so nobody can say whether it must have one."
    ),
    Reason.SHARE_UNDECIDED: (
        "The shares that are loaded do not decide whether communities are ten percent."
    ),
    Reason.SHARE_TEN_PERCENT: "By a sourced share communities are at least ten percent.",
    Reason.SHARE_BELOW: "By a sourced share communities are below ten percent.",
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
        published=[_published(one) for one in coverage.published],
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
                    item.required.requirement.value,
                    item.required.reason.value,
                    "; ".join(f"{one.source}:{one.locator}" for one in item.consulted),
                    "; ".join(f"{one.aspect}={str(one.holds).lower()}" for one in item.statements),
                    "; ".join(sorted({one.printed_as or "" for one in item.statements})),
                )
            ]
        )
    return file.getvalue().encode("utf-8-sig")


def name_sources(coverage: Coverage) -> list[str]:
    """Return the codes of every document that the answer cites."""
    said = {one.source for row in coverage.rows for one in row.statements}
    counted = {one.source for row in coverage.rows for one in row.shares}
    printed = {one.source for one in coverage.published}
    began = {coverage.kind.mandate_source} - {None}
    return sorted(said | counted | printed | began | {source for source, _ in coverage.consulted})


def describe_kind(row: Record, language: str) -> KindOut:
    """Return a kind as callers read it."""
    return KindOut(
        code=row.code,
        abbreviation=row.abbreviation,
        **labelled(row.names, language),
        names=row.names,
        mandate=row.mandate,
        mandate_percent=row.mandate_percent,
        mandate_since=_since(row),
        legal_basis=row.legal_basis,
        meetings=_frequency(row),
        source=row.source,
        locator=row.locator,
    )


def _frequency(row: Record) -> FrequencyOut | None:
    if row.meetings_per_year is None:
        return None
    return FrequencyOut(
        per_year=row.meetings_per_year, source=row.meetings_source, locator=row.meetings_locator
    )


def _since(row: Record) -> MandateSinceOut | None:
    if row.mandate_since is None:
        return None
    return MandateSinceOut(
        begun=row.mandate_since, source=row.mandate_source, locator=row.mandate_locator
    )


def _published(row: Record) -> PublicationOut:
    return PublicationOut(
        indicator=row.indicator,
        period=row.period,
        link=figure_link(row.indicator, row.period),
        source=row.source,
        locator=row.locator,
    )


def _item(coverage: Coverage, row: MunicipalityFound, language: str) -> MunicipalityStateOut:
    said = {(one.source, one.locator) for one in row.statements}
    return MunicipalityStateOut(
        slug=row.entry.row.slug,
        **labelled(row.entry.names, language),
        state=row.finding.state,
        reason=row.finding.reason,
        detail=translate(_DETAILS[row.finding.reason], language),
        required=RequirementOut(
            requirement=row.required.requirement,
            reason=row.required.reason,
            detail=translate(_DETAILS[row.required.reason], language),
            shares=[ShareOut.model_validate(one) for one in row.shares],
        ),
        statements=[_statement(one) for one in row.statements],
        consulted=[
            Citation(source=source, locator=locator)
            for source, locator in sorted(said or coverage.consulted)
        ],
    )


def _statement(one: Statement) -> StatementOut:
    return StatementOut(
        aspect=one.said.aspect,
        holds=one.said.holds,
        mechanism=one.said.mechanism,
        valid_from=one.valid_from,
        valid_until=one.valid_until,
        attested_on=one.attested_on,
        certainty=one.certainty,
        decision=one.decision,
        decided_on=one.decided_on,
        printed_as=one.printed_as,
        source=one.source,
        locator=one.locator,
    )
