"""The table of disclosures: who saw what of whom, and on what it rested; rows are only added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from komuna_referrals.tables import Base, Code

from .rules import DisclosureBasis, DisclosureKind


class Disclosure(Base):
    """One disclosure, filled in by Postgres from the sealed context of who acts."""

    __tablename__ = "disclosure"
    __table_args__ = (
        CheckConstraint("(basis in ('ownership', 'partnership')) = (consent_id is null)", "cited"),
        Index(None, "case_id", "disclosed_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_record.id"))
    kind: Mapped[DisclosureKind]
    subject: Mapped[str] = mapped_column(Text)
    institution: Mapped[Code]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    purpose: Mapped[str | None] = mapped_column(Text)
    classes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    basis: Mapped[DisclosureBasis]
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent.id"))
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral.id"))
    state: Mapped[str | None] = mapped_column(Text)
    # The clock, not the transaction's start: within one transaction the order shall be kept.
    disclosed_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("clock_timestamp()")
    )
