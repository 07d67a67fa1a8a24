"""The tables of buildings, the surveys made of them, and what each survey found."""

from datetime import date
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Dated, Names, Sourced, Versioned

from .rules import Access, FacilityKind, Result


class AccessibilityCriterion(Versioned, Sourced, Base):
    """One thing that a building must have to be accessible, with its place in an act if known."""

    __tablename__ = "accessibility_criterion"

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    names: Mapped[Names]
    legal_basis: Mapped[str | None] = mapped_column(String(500))
    is_synthetic: Mapped[bool]


class Facility(Versioned, Dated, Sourced, Base):
    """A building of a municipality."""

    __tablename__ = "facility"
    __table_args__ = (
        UniqueConstraint("code", "is_synthetic"),
        CheckConstraint("possible @> certain", name="certain_is_possible"),
        CheckConstraint("not isempty(possible)", name="ends_after_it_begins"),
        CheckConstraint(
            "not is_synthetic or coalesce(lower(possible) >= date '2026-01-01', false)",
            name="synthetic_from_2026",
        ),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    municipality: Mapped[str] = mapped_column(CODE, ForeignKey("municipality.slug"), index=True)
    kind: Mapped[FacilityKind]
    names: Mapped[Names]
    settlement: Mapped[str | None] = mapped_column(String(200))
    is_synthetic: Mapped[bool]


class FacilitySurvey(Versioned, Sourced, Base):
    """A survey of a building; `surveyed_on` may be imprecise, the two days are what it means."""

    __tablename__ = "facility_survey"
    __table_args__ = (
        UniqueConstraint("facility", "surveyed_on", name="uq_facility_survey_once"),
        ForeignKeyConstraint(
            ["facility", "is_synthetic"],
            ["facility.code", "facility.is_synthetic"],
            onupdate="CASCADE",
            name="fk_facility_survey_facility_is_synthetic",
        ),
        CheckConstraint("first_day <= last_day", name="days_in_order"),
        CheckConstraint("decided_on is null or decision is not null", name="decision_numbered"),
        CheckConstraint(
            "follow_up is not null or num_nonnulls(follow_up_due_on, followed_up_on) = 0",
            name="follow_up_said",
        ),
        CheckConstraint(
            "not is_synthetic or first_day >= date '2026-01-01'", name="synthetic_from_2026"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    facility: Mapped[str] = mapped_column(CODE)
    is_synthetic: Mapped[bool]
    surveyed_on: Mapped[str] = mapped_column(String(30))
    first_day: Mapped[date]
    last_day: Mapped[date]
    access: Mapped[Access]
    commission: Mapped[str | None] = mapped_column(CODE, ForeignKey("institution.code"), index=True)
    decision: Mapped[str | None] = mapped_column(String(100))
    decided_on: Mapped[date | None]
    follow_up: Mapped[str | None] = mapped_column(String(1000))
    follow_up_due_on: Mapped[date | None]
    followed_up_on: Mapped[date | None]


class FacilityFinding(Sourced, Base):
    """What a survey found: of one criterion, or a barrier that no criterion here names."""

    __tablename__ = "facility_finding"
    __table_args__ = (
        UniqueConstraint(
            *("facility", "surveyed_on", "criterion", "barrier"),
            postgresql_nulls_not_distinct=True,
            name="uq_facility_finding_once",
        ),
        ForeignKeyConstraint(
            ["facility", "surveyed_on"],
            ["facility_survey.facility", "facility_survey.surveyed_on"],
            onupdate="CASCADE",
            name="fk_facility_finding_survey",
        ),
        CheckConstraint("num_nonnulls(criterion, barrier) > 0", name="something_found"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    facility: Mapped[str] = mapped_column(CODE)
    surveyed_on: Mapped[str] = mapped_column(String(30))
    criterion: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("accessibility_criterion.code"), index=True
    )
    result: Mapped[Result]
    barrier: Mapped[str | None] = mapped_column(String(500))
    recommendation: Mapped[str | None] = mapped_column(String(500))
