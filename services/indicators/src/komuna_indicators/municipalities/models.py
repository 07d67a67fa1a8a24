"""The local copy of registry's municipalities: which existed when, and what they are called."""

from datetime import date, datetime

from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from komuna_indicators.tables import Base, Code, Codes, Names


class Municipality(Base):
    """A municipality as registry last described it."""

    __tablename__ = "municipality_copy"

    slug: Mapped[Code] = mapped_column(primary_key=True)
    names: Mapped[Names]
    # Names as `rules.normalise` writes them, for imports while registry does not answer.
    spellings: Mapped[Codes]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    version: Mapped[int]
    copied_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
