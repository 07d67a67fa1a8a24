"""The table of files that were sent as reports, whether taken in or refused."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from komuna_indicators.access import LARGEST_WORKBOOK
from komuna_indicators.tables import Base, Code, Items, WrittenAt

from .rules import FileState


class SubmissionFile(Base):
    """A workbook as its sender sent it; sent again, it is the same one."""

    __tablename__ = "submission_file"
    __table_args__ = (
        UniqueConstraint(
            "issuer",
            "subject",
            "obligation",
            "municipality",
            "period_from",
            "sha256",
            name="uq_submission_file_sender_report_sha256",
        ),
        CheckConstraint("(state = 'accepted') = (submission is not null)", name="accepted_as"),
        CheckConstraint("state = 'accepted' or problems <> '[]'", name="refused_for_a_reason"),
        CheckConstraint(f"octet_length(body) <= {LARGEST_WORKBOOK}", name="within_its_cap"),
        Index(None, "submission"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    issuer: Mapped[str]
    subject: Mapped[str]
    obligation: Mapped[Code]
    municipality: Mapped[Code]
    period_from: Mapped[date]
    period_to: Mapped[date]
    form: Mapped[Code]
    form_version: Mapped[Code]
    sha256: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[FileState]
    submission: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"))
    # What is wrong, cell by cell, and what was written into each line: the reply is made of these.
    problems: Mapped[Items]
    given: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[WrittenAt]
