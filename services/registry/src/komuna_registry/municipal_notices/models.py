"""The tables of notices to municipalities: what is asked, and what became of it in each."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Names, Versioned

from .rules import EvidenceType, FulfilledBy, SubjectKind

Wanted = dict[str, Any]


class MunicipalNotice(Base):
    """What some municipalities are asked for, until when, by whom, in whose words."""

    __tablename__ = "municipal_notice"
    __table_args__ = (
        CheckConstraint(
            "case subject_kind"
            " when 'establish_mechanism' then mechanism_kind is not null and office_kind is null"
            " when 'appoint_officer' then office_kind is not null and mechanism_kind is null"
            " when 'send_contacts' then mechanism_kind is null"
            " else num_nonnulls(mechanism_kind, office_kind) = 0 end",
            name="asks",
        ),
        CheckConstraint("subject_kind <> 'other' or num_nulls(subjects, texts) = 0", name="says"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    subject_kind: Mapped[SubjectKind]
    mechanism_kind: Mapped[str | None] = mapped_column(CODE, ForeignKey("mechanism_kind.code"))
    office_kind: Mapped[str | None] = mapped_column(CODE, ForeignKey("office_kind.code"))
    recipients: Mapped[Wanted] = mapped_column(JSONB)
    subjects: Mapped[Names | None] = mapped_column(JSONB(none_as_null=True))
    texts: Mapped[Names | None] = mapped_column(JSONB(none_as_null=True))
    due_on: Mapped[date]
    institution: Mapped[str | None] = mapped_column(CODE, ForeignKey("institution.code"))
    account: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MunicipalNoticeRecipient(Versioned, Base):
    """One municipality that was asked; `mail` and `reminder` are what its officers were told."""

    __tablename__ = "municipal_notice_recipient"
    __table_args__ = (
        CheckConstraint(
            "num_nulls(acknowledged_at, acknowledged_by) in (0, 2)", name="acknowledged"
        ),
        CheckConstraint("num_nulls(answered_at, answered_by, answer) in (0, 3)", name="answered"),
        CheckConstraint("num_nulls(fulfilled_at, fulfilled_by) in (0, 2)", name="fulfilled"),
        CheckConstraint(
            "num_nulls(evidence_type, evidence) in (0, 2)"
            " and (evidence is null or fulfilled_at is not null)"
            " and (fulfilled_by is distinct from 'rule' or evidence is not null)"
            " and (fulfilled_by is distinct from 'answer' or answer is not null)",
            name="proved",
        ),
    )

    notice: Mapped[UUID] = mapped_column(ForeignKey("municipal_notice.id"), primary_key=True)
    municipality: Mapped[str] = mapped_column(
        CODE, ForeignKey("municipality.slug"), primary_key=True, index=True
    )
    language: Mapped[str] = mapped_column(String(10))
    mail: Mapped[UUID] = mapped_column(ForeignKey("notice.id"), unique=True)
    reminder: Mapped[UUID | None] = mapped_column(ForeignKey("notice.id"), unique=True)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str | None] = mapped_column(String(2000))
    fulfilled_at: Mapped[datetime | None]
    fulfilled_by: Mapped[FulfilledBy | None]
    evidence_type: Mapped[EvidenceType | None]
    evidence: Mapped[str | None] = mapped_column(String(100))
