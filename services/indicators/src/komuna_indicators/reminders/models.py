"""The table of reminders: what was asked of registry, so that it is asked once."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from komuna_indicators.tables import Base, Code, WrittenAt

from .rules import State, Step


class Reminder(Base):
    """One reminder of one report; its id is the key under which registry is asked."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("obligation", "municipality", "period_from", "step"),
        CheckConstraint("(state = 'sent') = (sent_at is not null)", name="sent_at_an_instant"),
        Index(None, "created_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    obligation: Mapped[Code]
    municipality: Mapped[Code]
    period_from: Mapped[date]
    period_to: Mapped[date]
    step: Mapped[Step]
    due_on: Mapped[date]
    state: Mapped[State] = mapped_column(server_default=text("'waiting'"))
    attempt_count: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[WrittenAt]
    sent_at: Mapped[datetime | None]
