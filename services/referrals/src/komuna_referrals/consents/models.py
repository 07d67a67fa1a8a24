"""The table of consents, written only by functions that check who acts."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from komuna_referrals.tables import Base, Code, WrittenAt

from .rules import ConsentMethod, ConsentPurpose, ConsentState, GivenBy, LegalBasis

LIVE = "state in ('requested', 'given')"


class Consent(Base):
    """What a person agreed to, or on what else a disclosure rests; one live row for each."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("(basis = 'consent') = (approver is null)", name="approved"),
        CheckConstraint("approver <> recorded_by", name="second_person"),
        CheckConstraint("valid_until > given_on", name="period"),
        CheckConstraint("cardinality(classes) > 0", name="classes"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at is not null)", name="withdrawn"),
        Index(
            "uq_consent_live",
            "case_id",
            "purpose",
            "recipient",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text(LIVE),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_record.id"))
    institution: Mapped[Code]
    recorded_by: Mapped[str] = mapped_column(Text)
    purpose: Mapped[ConsentPurpose]
    recipient: Mapped[Code | None]
    classes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    basis: Mapped[LegalBasis]
    approver: Mapped[str | None] = mapped_column(Text)
    state: Mapped[ConsentState]
    text_code: Mapped[Code]
    text_version: Mapped[Code]
    text_hash: Mapped[str] = mapped_column(Text)
    language: Mapped[Code]
    given_by: Mapped[GivenBy]
    method: Mapped[ConsentMethod]
    interpreter: Mapped[str | None] = mapped_column(Text)
    witness: Mapped[str | None] = mapped_column(Text)
    given_on: Mapped[date]
    valid_until: Mapped[date | None]
    recorded_at: Mapped[WrittenAt]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(Text)
    withdrawal_method: Mapped[str | None] = mapped_column(Text)
