"""The tables of services that help people; none of them can say where a confidential one is.

Address, capacity and holds of a shelter live in referrals only. What is said in codes is here; what
could tell a place is in `places` and `particulars`, whose rows no confidential service can have.
"""

from datetime import date, datetime
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
# A confidential service cites its documents in these words alone, so that no locator tells a town.
PLAIN_LOCATOR = (
    r"^((service|licence|area|language|eligibility|schedule|cost|record)"
    r"|(L|p|line |page |row )[0-9]{1,5}(-[0-9]{1,5})?)$"
)


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
        CheckConstraint(
            f"not is_confidential or (locator ~ '{PLAIN_LOCATOR}' and names::text !~ '[0-9]')",
            name="nothing_tells_a_place",
        ),
        CheckConstraint("minimum_age between 0 and 120", name="minimum_age"),
        CheckConstraint("maximum_age between 0 and 120", name="maximum_age"),
        CheckConstraint("minimum_age <= maximum_age", name="age_order"),
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
    minimum_age: Mapped[int | None]
    maximum_age: Mapped[int | None]
    # Both are set by a trigger: the first from the code, the second whenever anything changes.
    public_id: Mapped[UUID] = mapped_column(unique=True)
    modified_at: Mapped[datetime]


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
        CheckConstraint(
            f"not is_confidential or locator ~ '{PLAIN_LOCATOR}'", name="nothing_tells_a_place"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    service: Mapped[str] = mapped_column(CODE)
    is_confidential: Mapped[bool]
    region: Mapped[str | None] = mapped_column(CODE, ForeignKey("region.code"), index=True)
    municipality: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("municipality.slug"), index=True
    )
