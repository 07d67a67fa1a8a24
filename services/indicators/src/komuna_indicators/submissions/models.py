"""The tables of submissions: versions that never change, and the decisions about them.

The application may add rows and read them, nothing else: triggers move the states (migration i004).
"""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from komuna_indicators.observations.models import MISSING_PAIRS, MISSING_STATUSES
from komuna_indicators.observations.rules import Reason, Status
from komuna_indicators.tables import Base, Code, Items, WrittenAt

from .rules import Channel, Decision, State


class Submission(Base):
    """One version of one reporter's report for one period."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("obligation", "municipality", "period_from", "version_no"),
        ForeignKeyConstraint(["form", "form_version"], ["form.code", "form.version"]),
        CheckConstraint("period_from < period_to", name="period_is_not_empty"),
        CheckConstraint("not is_synthetic or period_from >= '2026-01-01'", name="synthetic_is_new"),
        CheckConstraint("(version_no = 1) = (supersedes is null)", name="follows_another"),
        CheckConstraint("(channel = 'xlsx') = (file_sha256 is not null)", name="file_is_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    obligation: Mapped[Code]
    form: Mapped[Code]
    form_version: Mapped[Code]
    municipality: Mapped[Code]
    period_from: Mapped[date]
    period_to: Mapped[date]
    version_no: Mapped[int]
    supersedes: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"), unique=True)
    state: Mapped[State] = mapped_column(server_default=State.SUBMITTED.value)
    # As the obligation says; the database sets it, so that nothing invented passes for real.
    is_synthetic: Mapped[bool]
    is_late: Mapped[bool]
    is_correction: Mapped[bool]
    due_on: Mapped[date]
    attests_no_cases: Mapped[bool]
    channel: Mapped[Channel]
    file_sha256: Mapped[Code | None]
    file_id: Mapped[UUID | None]
    language: Mapped[Code]
    issuer: Mapped[Code]
    subject: Mapped[Code]
    client_id: Mapped[Code]
    submitted_at: Mapped[WrittenAt]
    # The transaction that wrote it: no other may add cells.
    written_in: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class SubmissionCell(Base):
    """What a version says about one cell."""

    __tablename__ = "submission_cell"
    __table_args__ = (
        CheckConstraint(
            f"case when value is null then reason is not null and ({MISSING_PAIRS})"
            f" else reason is null and status not in ({MISSING_STATUSES}) end",
            name="a_value_or_why_not",
        ),
    )

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    cell: Mapped[Code] = mapped_column(primary_key=True)
    value: Mapped[Decimal | None] = mapped_column(Numeric)
    status: Mapped[Status]
    reason: Mapped[Reason | None]
    comment: Mapped[str | None]


class SubmissionDecision(Base):
    """What a verifier decided about a version; there is one at most."""

    __tablename__ = "submission_decision"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), unique=True)
    decision: Mapped[Decision]
    # [{"cell": "director.M", "comment": "..."}], in the language named beside.
    comments: Mapped[Items]
    language: Mapped[Code]
    issuer: Mapped[Code]
    subject: Mapped[Code]
    client_id: Mapped[Code]
    decided_at: Mapped[WrittenAt]
