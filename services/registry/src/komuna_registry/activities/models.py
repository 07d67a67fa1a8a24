"""The tables of activities: what was done, by whom, where, with how many, and how that is shown."""

from datetime import date
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.offices.rules import Sex
from komuna_registry.tables import CODE, Base, Names, Sourced, Versioned

from .rules import ActivityKind, Extent, Part, ParticipantStatus

_ACTIVITY = "activity.code"


class Activity(Versioned, Sourced, Base):
    """One activity; its period may be imprecise, the two days are what it means."""

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days_in_order"),
        CheckConstraint(
            "not is_synthetic or first_day >= date '2026-01-01'", name="synthetic_from_2026"
        ),
        Index(None, "first_day", "code"),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    kind: Mapped[ActivityKind] = mapped_column(index=True)
    names: Mapped[Names]
    topic: Mapped[str | None] = mapped_column(String(500))
    period: Mapped[str] = mapped_column(String(30))
    extent: Mapped[Extent]
    first_day: Mapped[date]
    last_day: Mapped[date]
    note: Mapped[str | None] = mapped_column(String(1000))
    # Whose officers change this record; what only central reports tell of is nobody's own.
    keeper: Mapped[str | None] = mapped_column(CODE, ForeignKey("municipality.slug"), index=True)
    is_synthetic: Mapped[bool]


class ActivityMunicipality(Sourced, Base):
    """An activity took place in a municipality."""

    __tablename__ = "activity_municipality"

    activity: Mapped[str] = mapped_column(CODE, ForeignKey(_ACTIVITY), primary_key=True)
    municipality: Mapped[str] = mapped_column(
        CODE, ForeignKey("municipality.slug"), primary_key=True, index=True
    )


class ActivityParty(Sourced, Base):
    """Somebody organised, supported or took part; a name where none is registered."""

    __tablename__ = "activity_party"
    __table_args__ = (
        UniqueConstraint(
            *("activity", "part", "institution", "municipality", "name"),
            postgresql_nulls_not_distinct=True,
            name="uq_activity_party_once",
        ),
        CheckConstraint("num_nonnulls(institution, municipality, name) = 1", name="one_party"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    activity: Mapped[str] = mapped_column(CODE, ForeignKey(_ACTIVITY))
    part: Mapped[Part]
    institution: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("institution.code"), index=True
    )
    municipality: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("municipality.slug"), index=True
    )
    name: Mapped[str | None] = mapped_column(String(300))


class ActivityParticipant(Sourced, Base):
    """How many of one sex and community took part; each person is in one row alone."""

    __tablename__ = "activity_participant"
    __table_args__ = (
        UniqueConstraint(
            *("activity", "sex", "community"),
            postgresql_nulls_not_distinct=True,
            name="uq_activity_participant_once",
        ),
        CheckConstraint("persons >= 0", name="persons_not_negative"),
        CheckConstraint("(persons is null) = (status <> 'A')", name="missing_is_said"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    activity: Mapped[str] = mapped_column(CODE, ForeignKey(_ACTIVITY))
    sex: Mapped[Sex | None]
    community: Mapped[str | None] = mapped_column(CODE)
    persons: Mapped[int | None]
    status: Mapped[ParticipantStatus]


class ActivityEvidence(Sourced, Base):
    """Where an activity can be seen: a page, a list of participants, a report."""

    __tablename__ = "activity_evidence"

    activity: Mapped[str] = mapped_column(CODE, ForeignKey(_ACTIVITY), primary_key=True)
    url: Mapped[str] = mapped_column(String(500), primary_key=True)
    title: Mapped[str | None] = mapped_column(String(300))


class ActivityPublication(Versioned, Sourced, Base):
    """A published total of a kind, which indicators hold; its activities are not told apart."""

    __tablename__ = "activity_publication"

    kind: Mapped[ActivityKind] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(CODE, primary_key=True)
    period: Mapped[str] = mapped_column(String(50), primary_key=True)
