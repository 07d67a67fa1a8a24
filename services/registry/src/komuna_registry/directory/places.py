"""The tables of where services are; a confidential service can have no row in them."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Names, Sourced, Versioned

from .rules import AccessFeature, LocationType

LOCATION = "location.code"


class Location(Versioned, Sourced, Base):
    """A place that people go to, write to or visit on the net; told only with a service in it."""

    __tablename__ = "location"
    __table_args__ = (
        CheckConstraint(
            "type <> 'virtual' or num_nonnulls(municipality, address, postal_code, latitude) = 0",
            name="virtual_is_nowhere",
        ),
        CheckConstraint("type = 'virtual' or municipality is not null", name="somewhere"),
        CheckConstraint("(latitude is null) = (longitude is null)", name="both_coordinates"),
        CheckConstraint("latitude between -90 and 90", name="latitude"),
        CheckConstraint("longitude between -180 and 180", name="longitude"),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    type: Mapped[LocationType]
    names: Mapped[Names]
    municipality: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("municipality.slug"), index=True
    )
    address: Mapped[str | None] = mapped_column(String(300))
    postal_code: Mapped[str | None] = mapped_column(String(20))
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(8, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    url: Mapped[str | None] = mapped_column(String(500))
    is_synthetic: Mapped[bool]


class LocationAccessibility(Sourced, Base):
    """What a place has, or has not, for people with disabilities; what is not said is unknown."""

    __tablename__ = "location_accessibility"

    location: Mapped[str] = mapped_column(CODE, ForeignKey(LOCATION), primary_key=True)
    feature: Mapped[AccessFeature] = mapped_column(primary_key=True)
    is_available: Mapped[bool]


class ServiceAtLocation(Sourced, Base):
    """A service is given at a place, for a time."""

    __tablename__ = "service_at_location"
    __table_args__ = (
        ForeignKeyConstraint(
            ["service", "is_confidential"],
            ["service.code", "service.is_confidential"],
            onupdate="CASCADE",
        ),
        # What schedules and channels at a place refer to.
        UniqueConstraint("service", "location"),
        CheckConstraint("not is_confidential", name="no_place_of_a_shelter"),
        CheckConstraint("valid_from < valid_until", name="period_order"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    service: Mapped[str] = mapped_column(CODE)
    location: Mapped[str] = mapped_column(CODE, ForeignKey(LOCATION), index=True)
    is_confidential: Mapped[bool]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
