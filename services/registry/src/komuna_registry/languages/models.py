"""The tables of the languages that municipalities owe: rules of law, and who speaks what."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.municipalities.rules import CountMethod
from komuna_registry.tables import CODE, Base, Dated, Sourced, Versioned

from .rules import LanguageStanding, Threshold

_MUNICIPALITY = "municipality.slug"


class LanguageRule(Versioned, Dated, Sourced, Base):
    """A rule of law: it names a language, everywhere or in one place, or a threshold to reach."""

    __tablename__ = "language_rule"
    __table_args__ = (
        CheckConstraint("(language is null) = (threshold is not null)", name="named_or_counted"),
        CheckConstraint(
            "(percent is not null) = coalesce(threshold <> 'traditional', false)",
            name="threshold_percent",
        ),
        CheckConstraint("percent between 0 and 100", name="percent"),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    language: Mapped[str | None] = mapped_column(String(10))
    municipality: Mapped[str | None] = mapped_column(CODE, ForeignKey(_MUNICIPALITY))
    threshold: Mapped[Threshold | None]
    percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    standing: Mapped[LanguageStanding]
    law: Mapped[str] = mapped_column(String(500))
    article: Mapped[str | None] = mapped_column(String(100))


class MunicipalityLanguage(Versioned, Sourced, Base):
    """Which part of the people a count says speak a language first, or that it is traditional."""

    __tablename__ = "municipality_language"
    __table_args__ = (
        UniqueConstraint(
            *("municipality", "language", "counted_on", "source"),
            postgresql_nulls_not_distinct=True,
            name="uq_municipality_language_once",
        ),
        CheckConstraint(
            "is_traditional = (counted_on is null) and is_traditional = (method is null)",
            name="counted_or_traditional",
        ),
        CheckConstraint(
            "(percent is null) = (method is null or method = 'not_enumerated')", name="counted"
        ),
        CheckConstraint("percent between 0 and 100", name="percent"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    municipality: Mapped[str] = mapped_column(CODE, ForeignKey(_MUNICIPALITY))
    language: Mapped[str] = mapped_column(String(10))
    is_traditional: Mapped[bool]
    counted_on: Mapped[date | None]
    method: Mapped[CountMethod | None]
    percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
