"""The table of cases; Postgres itself hides every row until the session proves who asks."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from komuna_referrals.tables import Base, Code, WrittenAt

from .rules import Assistance, Identification, RecordState, Risk

Codes = Annotated[list[str], mapped_column(ARRAY(Text), server_default=text("'{}'"))]
OfCase = Annotated[UUID, mapped_column(ForeignKey("case_record.id"))]
Sealed = Annotated[bytes, mapped_column(LargeBinary)]


class CaseRecord(Base):
    """One person as the mechanism sees them, without anything that says who they are."""

    __tablename__ = "case_record"
    __table_args__ = (Index(None, "institution", "opened_at", "id"),)

    # Random, never in order of time: an id must not tell when a person came forward.
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    institution: Mapped[Code]
    record: Mapped[RecordState] = mapped_column(server_default=RecordState.OPEN)
    identification: Mapped[Identification] = mapped_column(server_default=Identification.SCREENED)
    assistance: Mapped[Assistance] = mapped_column(server_default=Assistance.NONE)
    risk: Mapped[Risk] = mapped_column(server_default=Risk.UNASSESSED)
    basis: Mapped[Code]
    age_band: Mapped[Code] = mapped_column(server_default=text("'unknown'"))
    sex: Mapped[Code] = mapped_column(server_default=text("'unknown'"))
    needs: Mapped[Codes]
    languages: Mapped[Codes]
    indicator_count: Mapped[int] = mapped_column(server_default=text("0"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    opened_at: Mapped[WrittenAt]


class CaseAccess(Base):
    """Which institution may see which case, and as what; lists of cases are driven from here.

    The application role only reads it, and of it only what its session acts for: whoever could
    write here could let themselves in. Functions in the database write it, once the context holds.
    """

    __tablename__ = "case_access"
    __table_args__ = (
        CheckConstraint("relation in ('owner','partner','receiver')", name="relation"),
        Index(None, "inst", "opened_at", "case_id", postgresql_where=text("ended_at is null")),
        Index(
            "uq_case_access_case_id_inst",
            "case_id",
            "inst",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_record.id"))
    inst: Mapped[Code]
    relation: Mapped[Code]
    # The case's own, so that a page is in order without looking at the cases.
    opened_at: Mapped[datetime]
    referral_id: Mapped[UUID | None]
    granted_at: Mapped[WrittenAt]
    ended_at: Mapped[datetime | None]


class CaseIndicator(Base):
    """A sign of trafficking that was seen; only the owner and its partners know which."""

    __tablename__ = "case_indicator"

    case_id: Mapped[OfCase] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    recorded_at: Mapped[WrittenAt]


class CaseAccount(Base):
    """What the person says was done to them: class C, sealed."""

    __tablename__ = "case_account"

    case_id: Mapped[OfCase] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    account: Mapped[Sealed]
    written_at: Mapped[WrittenAt]


class CaseHistory(Base):
    """What happened to a case; a trigger writes the changes of the record itself."""

    __tablename__ = "case_history"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    case_id: Mapped[OfCase]
    version: Mapped[int]
    event: Mapped[Code]
    institution: Mapped[Code | None]
    subject: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    recorded_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class ProcedureRule(Base):
    """One line of the mechanism's procedure, with its source and whether somebody confirmed it."""

    __tablename__ = "procedure_rule"

    code: Mapped[Code] = mapped_column(primary_key=True)
    allowed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    source: Mapped[str] = mapped_column(Text)
    is_verified: Mapped[bool] = mapped_column(server_default=text("false"))
