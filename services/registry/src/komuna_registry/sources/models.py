"""The documents that statements are taken from."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Versioned

from .rules import Standing


class Source(Versioned, Base):
    """A document, or what stands in for one."""

    __tablename__ = "source"

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    title: Mapped[str] = mapped_column(String(500))
    issuer: Mapped[str] = mapped_column(String(300))
    published_on: Mapped[str | None] = mapped_column(String(30))
    retrieved_on: Mapped[str | None] = mapped_column(String(30))
    language: Mapped[str] = mapped_column(String(10))
    licence: Mapped[str | None] = mapped_column(String(300))
    url: Mapped[str | None] = mapped_column(String(500))
    standing: Mapped[Standing]
    note: Mapped[str | None] = mapped_column(String(1000))
