"""How buildings, surveys and shares are told."""

from collections.abc import Iterable, Mapping
from datetime import date

from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import Frame
from komuna_shared.database import Record

from . import rules
from .queries import FacilityFound, SurveyFound
from .rules import Surveyed
from .schemas import (
    AccessOut,
    CommissionOut,
    CriterionOut,
    FacilityOut,
    FacilityPlaceOut,
    FindingOut,
    SurveyOut,
)

Commissions = Mapping[str, Mapping[str, str]]
"""The names of institutions, by code."""


def show_facility(
    found: FacilityFound, commissions: Commissions, frame: Frame, as_of: date, language: str
) -> FacilityOut:
    """Return a building as callers read it, judged on a day."""
    row = found.row
    finding = rules.find_access(read_surveys(one.row for one in found.surveys), as_of)
    return FacilityOut(
        code=row.code,
        municipality=FacilityPlaceOut(
            slug=row.municipality, **labelled(frame.names_of(row.municipality), language)
        ),
        kind=row.kind,
        **labelled(row.names, language),
        names=row.names,
        settlement=row.settlement,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        standing=AccessOut(as_of=as_of, access=finding.access, reason=finding.reason),
        surveys=[show_survey(one, commissions, language) for one in found.surveys],
        is_synthetic=row.is_synthetic,
        version=row.version,
        source=row.source,
        locator=row.locator,
    )


def show_survey(found: SurveyFound, commissions: Commissions, language: str) -> SurveyOut:
    """Return a survey as callers read it."""
    row = found.row
    commission = None
    if row.commission is not None:
        named = labelled(commissions[row.commission], language)
        commission = CommissionOut(code=row.commission, **named)
    return SurveyOut(
        id=row.id,
        facility=row.facility,
        surveyed_on=row.surveyed_on,
        access=row.access,
        commission=commission,
        decision=row.decision,
        decided_on=row.decided_on,
        findings=[FindingOut.model_validate(one) for one in found.findings],
        follow_up=row.follow_up,
        follow_up_due_on=row.follow_up_due_on,
        followed_up_on=row.followed_up_on,
        is_synthetic=row.is_synthetic,
        version=row.version,
        source=row.source,
        locator=row.locator,
    )


def show_criterion(row: Record, language: str) -> CriterionOut:
    """Return a criterion as callers read it."""
    return CriterionOut(
        code=row.code,
        **labelled(row.names, language),
        names=row.names,
        legal_basis=row.legal_basis,
        is_synthetic=row.is_synthetic,
        version=row.version,
        source=row.source,
        locator=row.locator,
    )


def read_surveys(rows: Iterable[Record]) -> list[Surveyed]:
    """Return what surveys say, for the rules."""
    return [Surveyed(row.access, row.first_day, row.last_day) for row in rows]
