"""The smallest service there can be: notes, to try what every service shares."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from komuna_shared.database import TYPES, new_metadata


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = TYPES


class Mood(StrEnum):
    GLAD = "glad"
    SAD_ = "sad"


class Note(Base):
    __tablename__ = "note"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    title: Mapped[str] = mapped_column(unique=True)
    mood: Mapped[Mood] = mapped_column(default=Mood.GLAD)
    written_at: Mapped[datetime]
    size: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
