"""The tables of services that help people; none of them can hold where a service is.

Address, capacity and holds of a shelter live in referrals only. A table of places comes with the
rest of HSDS, and will take no row of a confidential service.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Dated, Names, Sourced, Versioned

from .rules import Audience, Eligibility, ServiceStatus, ServiceType

_SERVICE = "service.code"


class Service(Versioned, Dated, Sourced, Base):
    """Something that an institution does for people, for as long as it is offered."""

    __tablename__ = "service"
    __table_args__ = (
        # What `service_area` refers to, so that no confidential service is narrowed to a town.
        UniqueConstraint("code", "is_confidential"),
        CheckConstraint(
            "not is_synthetic or coalesce(lower(possible) >= date '2026-01-01', false)",
            name="synthetic_from_2026",
        ),
        Index(None, "audience", "code"),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    institution: Mapped[str] = mapped_column(CODE, ForeignKey("institution.code"), index=True)
    type: Mapped[ServiceType]
    audience: Mapped[Audience]
    status: Mapped[ServiceStatus]
    is_confidential: Mapped[bool]
    is_synthetic: Mapped[bool]
    names: Mapped[Names]


class ServiceLicense(Versioned, Sourced, Base):
    """A permission to offer a service; two of one service never hold on the same day."""

    __tablename__ = "service_license"
    __table_args__ = (
        CheckConstraint("valid_until is null or valid_from < valid_until", name="period_order"),
        UniqueConstraint("service", "number"),
        ExcludeConstraint(
            ("service", "="),
            (func.daterange(text("valid_from"), text("valid_until")), "&&"),
            using="gist",
            name="ex_service_license_once",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    service: Mapped[str] = mapped_column(CODE, ForeignKey(_SERVICE))
    number: Mapped[str] = mapped_column(String(100))
    issuer: Mapped[str] = mapped_column(CODE, ForeignKey("institution.code"))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]


class ServiceLanguage(Sourced, Base):
    """A language in which people are helped."""

    __tablename__ = "service_language"

    service: Mapped[str] = mapped_column(CODE, ForeignKey(_SERVICE), primary_key=True)
    language: Mapped[str] = mapped_column(String(10), primary_key=True)


class ServiceEligibility(Sourced, Base):
    """Whom a service takes."""

    __tablename__ = "service_eligibility"

    service: Mapped[str] = mapped_column(CODE, ForeignKey(_SERVICE), primary_key=True)
    code: Mapped[Eligibility] = mapped_column(primary_key=True)


class ServiceArea(Sourced, Base):
    """Where people live whom a service takes: a municipality, a region, or everywhere."""

    __tablename__ = "service_area"
    __table_args__ = (
        ForeignKeyConstraint(
            ["service", "is_confidential"],
            ["service.code", "service.is_confidential"],
            onupdate="CASCADE",
        ),
        UniqueConstraint("service", "region", "municipality", postgresql_nulls_not_distinct=True),
        CheckConstraint("num_nonnulls(region, municipality) <= 1", name="one_place"),
        CheckConstraint("not is_confidential or municipality is null", name="no_town_of_a_shelter"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    service: Mapped[str] = mapped_column(CODE)
    is_confidential: Mapped[bool]
    region: Mapped[str | None] = mapped_column(CODE, ForeignKey("region.code"), index=True)
    municipality: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("municipality.slug"), index=True
    )
