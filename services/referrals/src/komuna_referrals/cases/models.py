"""The table of cases; Postgres itself hides every row until the session proves who asks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from komuna_referrals.tables import Base, Code, WrittenAt

from .rules import Assistance, Identification, RecordState, Risk


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
