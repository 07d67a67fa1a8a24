"""The tables of when, how and for how much a service is given.

Whatever could tell a place (a number, a sentence, how many fit in) takes no confidential service;
that one is reached through the public channels of its institution alone.
"""

from datetime import date, time
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

from komuna_registry.tables import CODE, Base, Sourced

from .models import PLAIN_LOCATOR
from .rules import Attending, CapacityUnit, ChannelKind, CostOption, Frequency, TextKind

_DAY = "-?[1-5]?(MO|TU|WE|TH|FR|SA|SU)"
_NUMBER = "-?([1-9]|[12][0-9]|3[01])"
_PLAIN = f"not is_confidential or locator ~ '{PLAIN_LOCATOR}'"


def _of_service() -> ForeignKeyConstraint:
    """Return the key that brings along whether the service is confidential."""
    return ForeignKeyConstraint(
        ["service", "is_confidential"],
        ["service.code", "service.is_confidential"],
        onupdate="CASCADE",
    )


def _at_location() -> ForeignKeyConstraint:
    """Return the key that only a service with that place has."""
    return ForeignKeyConstraint(
        ["service", "location"], ["service_at_location.service", "service_at_location.location"]
    )


class ServiceSchedule(Sourced, Base):
    """Hours that repeat by the rules of iCalendar; without hours, the whole day."""

    __tablename__ = "service_schedule"
    __table_args__ = (
        _of_service(),
        _at_location(),
        UniqueConstraint(
            *("service", "location", "freq", "byday", "bymonthday", "opens_at", "attending"),
            postgresql_nulls_not_distinct=True,
            name="uq_service_schedule_once",
        ),
        CheckConstraint(f"byday ~ '^{_DAY}(,{_DAY})*$'", name="byday"),
        CheckConstraint(f"bymonthday ~ '^{_NUMBER}(,{_NUMBER})*$'", name="bymonthday"),
        CheckConstraint("interval >= 1", name="interval"),
        CheckConstraint("(opens_at is null) = (closes_at is null)", name="both_hours"),
        CheckConstraint("valid_from < valid_until", name="period_order"),
        CheckConstraint(_PLAIN, name="nothing_tells_a_place"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    service: Mapped[str] = mapped_column(CODE)
    location: Mapped[str | None] = mapped_column(CODE)
    is_confidential: Mapped[bool]
    freq: Mapped[Frequency]
    interval: Mapped[int]
    byday: Mapped[str | None] = mapped_column(String(60))
    bymonthday: Mapped[str | None] = mapped_column(String(100))
    opens_at: Mapped[time | None]
    closes_at: Mapped[time | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    attending: Mapped[Attending]


class ServiceChannel(Sourced, Base):
    """A way for everybody to reach a service, or one place of it."""

    __tablename__ = "service_channel"
    __table_args__ = (
        _of_service(),
        _at_location(),
        UniqueConstraint("service", "kind", "value"),
        CheckConstraint("not is_confidential", name="no_channel_of_a_shelter"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    service: Mapped[str] = mapped_column(CODE)
    location: Mapped[str | None] = mapped_column(CODE)
    is_confidential: Mapped[bool]
    kind: Mapped[ChannelKind]
    value: Mapped[str] = mapped_column(String(300))


class InstitutionChannel(Sourced, Base):
    """A way for everybody to reach an institution as a whole, whatever it does and where."""

    __tablename__ = "institution_channel"

    institution: Mapped[str] = mapped_column(CODE, ForeignKey("institution.code"), primary_key=True)
    kind: Mapped[ChannelKind] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(String(300), primary_key=True)


class ServiceCost(Sourced, Base):
    """What people pay for a service; an amount only where one is fixed."""

    __tablename__ = "service_cost"
    __table_args__ = (
        _of_service(),
        UniqueConstraint("service", "option", "valid_from", postgresql_nulls_not_distinct=True),
        CheckConstraint("(option = 'fixed') = (amount is not null)", name="amount_if_fixed"),
        CheckConstraint("(amount is null) = (currency is null)", name="amount_in_a_currency"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("valid_from < valid_until", name="period_order"),
        CheckConstraint(_PLAIN, name="nothing_tells_a_place"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    service: Mapped[str] = mapped_column(CODE)
    is_confidential: Mapped[bool]
    option: Mapped[CostOption]
    amount: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    currency: Mapped[str | None] = mapped_column(String(3))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class ServiceText(Sourced, Base):
    """A sentence about a service in one language; a confidential one is told in codes alone."""

    __tablename__ = "service_text"
    __table_args__ = (
        _of_service(),
        CheckConstraint("not is_confidential", name="no_words_of_a_shelter"),
    )

    service: Mapped[str] = mapped_column(CODE, primary_key=True)
    kind: Mapped[TextKind] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(10), primary_key=True)
    is_confidential: Mapped[bool]
    text: Mapped[str] = mapped_column(String(2000))


class ServiceCapacity(Sourced, Base):
    """How many a service can take; of a confidential one only referrals knows."""

    __tablename__ = "service_capacity"
    __table_args__ = (
        _of_service(),
        CheckConstraint("not is_confidential", name="no_capacity_of_a_shelter"),
        CheckConstraint("amount >= 0", name="amount"),
    )

    service: Mapped[str] = mapped_column(CODE, primary_key=True)
    unit: Mapped[CapacityUnit] = mapped_column(primary_key=True)
    is_confidential: Mapped[bool]
    amount: Mapped[int]
    stated_on: Mapped[date]
