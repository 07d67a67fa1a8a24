"""The table of releases: what was made public, when, under which rules."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from komuna_indicators.tables import Base, Code, WrittenAt

from .rules import ReleaseTier


class Release(Base):
    """A set of figures that became public together."""

    __tablename__ = "release"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    code: Mapped[Code] = mapped_column(unique=True)
    tier: Mapped[ReleaseTier]
    # The import that brought its figures in: one import is one release.
    import_id: Mapped[UUID] = mapped_column(unique=True)
    observation_count: Mapped[int]
    certificate: Mapped[dict[str, str]] = mapped_column(JSONB)
    published_at: Mapped[WrittenAt]
