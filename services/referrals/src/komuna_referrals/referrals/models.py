"""The tables of referrals: the envelope apart from the case it is about, so each has its wall."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from komuna_referrals.tables import Base, Code, WrittenAt
from komuna_shared.database import enum_type

from .rules import Actor, Handover, Outcome, Priority, State


class Referral(Base):
    """The envelope: what the receiver sees of a referral before it accepts, and its answer."""

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint("sender <> receiver", name="two_institutions"),
        CheckConstraint("not is_shown or sent_at is not null", name="shown_when_sent"),
        CheckConstraint(
            "state not in ('accepted', 'in_progress', 'on_hold', 'completed') or "
            "(responsible is not null and handover is not null and meet_at is not null)",
            name="accepted",
        ),
        CheckConstraint(
            "state not in ('declined', 'withdrawn', 'redirected', 'failed', 'on_hold', "
            "'entered_in_error') or reason is not null",
            name="reasoned",
        ),
        CheckConstraint(
            "(state = 'completed') = (outcome is not null and needs_met is not null)",
            name="completed",
        ),
        Index(None, "receiver", "sent_at", "id"),
        Index(None, "sender", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    sender: Mapped[Code]
    receiver: Mapped[Code]
    service: Mapped[Code]
    service_type: Mapped[Code]
    priority: Mapped[Priority]
    state: Mapped[State] = mapped_column(server_default=State.DRAFT)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    # Whether the receiver sees the referral at all; a block or a withdrawal ends it at once.
    is_shown: Mapped[bool] = mapped_column(server_default=text("false"))
    needs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    age_band: Mapped[str] = mapped_column(Text)
    sex: Mapped[str] = mapped_column(Text)
    risk: Mapped[str] = mapped_column(Text)
    questions: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    reason: Mapped[str | None] = mapped_column(Text)
    responsible: Mapped[str | None] = mapped_column(Text)
    handover: Mapped[Handover | None]
    meet_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    needs_met: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    created_at: Mapped[WrittenAt]
    sent_at: Mapped[datetime | None]
    answer_due_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    changed_at: Mapped[WrittenAt]


class ReferralCase(Base):
    """Which case a referral is about, and what of it goes over; hidden until it is accepted."""

    __tablename__ = "referral_case"
    __table_args__ = (
        CheckConstraint("cardinality(classes) > 0", name="classes"),
        Index(None, "case_id"),
        Index(None, "consent_id"),
    )

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_record.id"))
    classes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent.id"))


class ReferralEvent(Base):
    """One step of a referral; rows are only added."""

    __tablename__ = "referral_event"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[State | None] = mapped_column(enum_type(State, name="source"))
    target: Mapped[State] = mapped_column(enum_type(State, name="target"))
    institution: Mapped[Code]
    subject: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    happened_at: Mapped[WrittenAt]


class Recall(Base):
    """That what came with a referral may be used no longer; triggers write it, and never why."""

    __tablename__ = "recall"
    __table_args__ = (Index(None, "institution", "recalled_at"),)

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    institution: Mapped[Code]
    recalled_at: Mapped[WrittenAt]


class ReferralStep(Base):
    """A step that Postgres itself allows; it repeats the table of the rules."""

    __tablename__ = "referral_step"

    source: Mapped[State] = mapped_column(enum_type(State, name="source"), primary_key=True)
    target: Mapped[State] = mapped_column(enum_type(State, name="target"), primary_key=True)
    actor: Mapped[Actor] = mapped_column(primary_key=True)


class AnswerLimit(Base):
    """How many hours a receiver has to answer, and may wait for one, by which source, from when."""

    __tablename__ = "answer_limit"
    __table_args__ = (
        CheckConstraint("hours > 0", name="hours"),
        CheckConstraint("pause_hours >= 0", name="pause"),
        CheckConstraint("standing in ('unverified', 'verified')", name="standing"),
    )

    priority: Mapped[Priority] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    hours: Mapped[int]
    # How long at most the clock stands still while the receiver waits for what it asked.
    pause_hours: Mapped[int] = mapped_column(server_default=text("24"))
    source: Mapped[str] = mapped_column(Text)
    standing: Mapped[Code]
