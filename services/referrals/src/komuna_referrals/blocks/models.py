"""The table of institutions that are shut out of a case; only the case's owner sees it."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from komuna_referrals.cases.models import OfCase, Sealed
from komuna_referrals.tables import Base, Code, WrittenAt


class CaseBlock(Base):
    """An institution that must not learn of a case, and the sealed reason."""

    __tablename__ = "case_block"
    __table_args__ = (UniqueConstraint("case_id", "institution"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[OfCase]
    institution: Mapped[Code]
    reason: Mapped[Sealed]
    blocked_at: Mapped[WrittenAt]
