"""The table of cases; Postgres itself hides every row until the session proves who asks."""

from uuid import UUID

from sqlalchemy import Index, text
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
