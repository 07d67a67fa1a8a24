"""The tables of mechanisms: their kinds, what sources say of each municipality, each by itself."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.offices.rules import Sex
from komuna_registry.tables import CODE, Base, Dated, Names, Sourced, Versioned

from .rules import Aspect, Mandate

_KIND = "mechanism_kind.code"
_MUNICIPALITY = "municipality.slug"


class MechanismKind(Versioned, Sourced, Base):
    """A kind of mechanism, who must have one, and how often it must meet."""

    __tablename__ = "mechanism_kind"
    __table_args__ = (
        CheckConstraint(
            "num_nulls(meetings_per_year, meetings_source, meetings_locator) in (0, 3)",
            name="meetings_sourced",
        ),
        CheckConstraint("meetings_per_year > 0", name="meetings_positive"),
        CheckConstraint(
            "num_nulls(mandate_since, mandate_source, mandate_locator) in (0, 3)",
            name="mandate_sourced",
        ),
        CheckConstraint(
            "mandate_percent is null or mandate = 'communities_ten_percent'",
            name="mandate_percent",
        ),
        UniqueConstraint("abbreviation"),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    abbreviation: Mapped[str | None] = mapped_column(String(20))
    names: Mapped[Names]
    mandate: Mapped[Mandate]
    mandate_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    mandate_since: Mapped[str | None] = mapped_column(String(30))
    mandate_source: Mapped[str | None] = mapped_column(CODE, ForeignKey("source.code"))
    mandate_locator: Mapped[str | None] = mapped_column(String(200))
    legal_basis: Mapped[str | None] = mapped_column(String(500))
    meetings_per_year: Mapped[int | None]
    meetings_source: Mapped[str | None] = mapped_column(CODE, ForeignKey("source.code"))
    meetings_locator: Mapped[str | None] = mapped_column(String(200))


class MechanismStatement(Sourced, Versioned, Base):
    """What one source says of one aspect, in one municipality, for a stated period."""

    __tablename__ = "mechanism_statement"
    __table_args__ = (
        UniqueConstraint(
            "kind",
            "municipality",
            "aspect",
            "holds",
            "valid_from",
            "source",
            "locator",
            name="uq_mechanism_statement_once",
        ),
        CheckConstraint("valid_until is null or valid_from < valid_until", name="period_order"),
        Index(None, "kind", "valid_from"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    kind: Mapped[str] = mapped_column(CODE, ForeignKey(_KIND))
    municipality: Mapped[str] = mapped_column(CODE, ForeignKey(_MUNICIPALITY), index=True)
    aspect: Mapped[Aspect]
    holds: Mapped[bool]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    printed_as: Mapped[str | None] = mapped_column(String(200))


class MechanismPublication(Sourced, Versioned, Base):
    """A published total of a kind, which indicators hold; its members are not named there."""

    __tablename__ = "mechanism_publication"

    kind: Mapped[str] = mapped_column(CODE, ForeignKey(_KIND), primary_key=True)
    indicator: Mapped[str] = mapped_column(CODE, primary_key=True)
    period: Mapped[str] = mapped_column(String(50), primary_key=True)


class Mechanism(Versioned, Sourced, Base):
    """One mechanism, which serves one municipality or several."""

    __tablename__ = "mechanism"
    __table_args__ = (UniqueConstraint("code", "is_synthetic"),)

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    kind: Mapped[str] = mapped_column(CODE, ForeignKey(_KIND), index=True)
    names: Mapped[Names]
    is_synthetic: Mapped[bool]


class MechanismMunicipality(Dated, Sourced, Base):
    """A mechanism serves a municipality for a time."""

    __tablename__ = "mechanism_municipality"

    mechanism: Mapped[str] = mapped_column(CODE, ForeignKey("mechanism.code"), primary_key=True)
    municipality: Mapped[str] = mapped_column(
        CODE, ForeignKey(_MUNICIPALITY), primary_key=True, index=True
    )


class MechanismState(Sourced, Base):
    """One aspect of a mechanism holds or does not: since a day, or as seen on one."""

    __tablename__ = "mechanism_state"
    __table_args__ = (
        UniqueConstraint(
            *("mechanism", "aspect", "holds", "since", "attested_on", "source", "locator"),
            postgresql_nulls_not_distinct=True,
            name="uq_mechanism_state_once",
        ),
        ForeignKeyConstraint(
            ["mechanism", "is_synthetic"],
            ["mechanism.code", "mechanism.is_synthetic"],
            onupdate="CASCADE",
            name="fk_mechanism_state_mechanism_is_synthetic",
        ),
        CheckConstraint("since is not null or attested_on is not null", name="dated"),
        CheckConstraint("possible @> certain", name="certain_is_possible"),
        CheckConstraint("not isempty(possible)", name="ends_after_it_begins"),
        CheckConstraint(
            "not is_synthetic or coalesce(lower(possible) >= date '2026-01-01', false)",
            name="synthetic_from_2026",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    mechanism: Mapped[str] = mapped_column(CODE)
    is_synthetic: Mapped[bool]
    aspect: Mapped[Aspect]
    holds: Mapped[bool]
    since: Mapped[str | None] = mapped_column(String(30))
    until: Mapped[str | None] = mapped_column(String(30))
    attested_on: Mapped[str | None] = mapped_column(String(30))
    certain: Mapped[Range[date]]
    possible: Mapped[Range[date]]
    decision: Mapped[str | None] = mapped_column(String(100))
    decided_on: Mapped[date | None]
    printed_as: Mapped[str | None] = mapped_column(String(200))


class MechanismMeeting(Versioned, Sourced, Base):
    """A mechanism met."""

    __tablename__ = "mechanism_meeting"
    __table_args__ = (
        UniqueConstraint("mechanism", "held_on", name="uq_mechanism_meeting_once"),
        ForeignKeyConstraint(
            ["mechanism", "is_synthetic"],
            ["mechanism.code", "mechanism.is_synthetic"],
            onupdate="CASCADE",
            name="fk_mechanism_meeting_mechanism_is_synthetic",
        ),
        CheckConstraint(
            "not is_synthetic or held_on >= date '2026-01-01'", name="synthetic_from_2026"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    mechanism: Mapped[str] = mapped_column(CODE)
    is_synthetic: Mapped[bool]
    held_on: Mapped[date]
    topic: Mapped[str | None] = mapped_column(String(500))


class MechanismAttendance(Sourced, Base):
    """How many of one sex and community were at a meeting; each person is in one row alone."""

    __tablename__ = "mechanism_attendance"
    __table_args__ = (
        UniqueConstraint(
            *("mechanism", "held_on", "sex", "community"),
            postgresql_nulls_not_distinct=True,
            name="uq_mechanism_attendance_once",
        ),
        ForeignKeyConstraint(
            ["mechanism", "held_on"],
            ["mechanism_meeting.mechanism", "mechanism_meeting.held_on"],
            name="fk_mechanism_attendance_meeting",
        ),
        CheckConstraint("persons >= 0", name="persons_not_negative"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    mechanism: Mapped[str] = mapped_column(CODE)
    held_on: Mapped[date]
    sex: Mapped[Sex | None]
    community: Mapped[str | None] = mapped_column(CODE)
    persons: Mapped[int]
