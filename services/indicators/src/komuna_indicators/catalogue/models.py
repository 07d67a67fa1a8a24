"""The tables of the catalogue: documents, code lists, dataflows, indicators, each by version."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from komuna_indicators.tables import Base, Code, Codes, Items, Names, ReplacedAt, WrittenAt

from .rules import Aggregation, IndicatorType, Periodicity, Tier


class Document(Base):
    """A published document that figures were printed in."""

    __tablename__ = "document"

    code: Mapped[Code] = mapped_column(primary_key=True)
    names: Mapped[Names]
    publisher: Mapped[Names]
    language: Mapped[Code]
    # 2022, 2022-12 or 2022-12-09: as precise as the document says, and null where it does not.
    published_on: Mapped[Code | None]
    # The days it reports on, half-open.
    covers_from: Mapped[date]
    covers_to: Mapped[date]


class Versioned:
    """What all catalogue entries share: a code, a version, and the time it was the current one."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    code: Mapped[Code]
    version: Mapped[Code]
    names: Mapped[Names]
    valid_from: Mapped[WrittenAt]
    valid_to: Mapped[ReplacedAt]

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """Allow each version once, and one current version for each code."""
        current = text("valid_to = 'infinity'")
        return (
            UniqueConstraint("code", "version"),
            Index(None, "code", unique=True, postgresql_where=current),
            CheckConstraint("valid_from <= valid_to", name="not_replaced_before_written"),
        )


class CodeList(Versioned, Base):
    """The codes a dimension or a unit may take; a version of it never changes."""

    __tablename__ = "code_list"

    reference: Mapped[str | None]
    # Whether a case falls under one code only, so that parts may be summed.
    is_exclusive: Mapped[bool]
    codes: Mapped[Items]


class Dataflow(Versioned, Base):
    """A family of figures with the same dimensions and the same protection."""

    __tablename__ = "dataflow"

    tier: Mapped[Tier]
    dimensions: Mapped[Items]


class CatalogueVersion(Base):
    """How often the catalogue has changed; readers compare it to stay fresh."""

    __tablename__ = "catalogue_version"
    __table_args__ = (CheckConstraint("id", name="single"),)

    id: Mapped[bool] = mapped_column(primary_key=True, default=True)
    version: Mapped[int]


class Indicator(Versioned, Base):
    """One figure: what is counted, in which unit, how often, by which law."""

    __tablename__ = "indicator"

    dataflow: Mapped[Code]
    number: Mapped[int | None] = mapped_column(SmallInteger)
    definition: Mapped[Names]
    indicator_type: Mapped[IndicatorType]
    unit: Mapped[Code]
    decimals: Mapped[int] = mapped_column(SmallInteger)
    periodicity: Mapped[Periodicity]
    aggregation: Mapped[Aggregation]
    numerator: Mapped[str | None]
    denominator: Mapped[str | None]
    law_references: Mapped[Codes]
