"""The tables of municipalities and of everything that is said about each."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Dated, Names, Sourced, Versioned

from .rules import AliasKind, CountMethod, NameForm, SettlementKind

_MUNICIPALITY = "municipality.slug"


class Municipality(Versioned, Dated, Sourced, Base):
    """A municipality, for as long as it exists."""

    __tablename__ = "municipality"

    slug: Mapped[str] = mapped_column(CODE, primary_key=True)
    note: Mapped[str | None] = mapped_column(String(1000))


class MunicipalityName(Sourced, Base):
    """An official name in one language and form."""

    __tablename__ = "municipality_name"

    municipality: Mapped[str] = mapped_column(CODE, ForeignKey(_MUNICIPALITY), primary_key=True)
    language: Mapped[str] = mapped_column(String(10), primary_key=True)
    form: Mapped[NameForm] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))


class MunicipalityCode(Dated, Sourced, Base):
    """The number of a municipality in one scheme."""

    __tablename__ = "municipality_code"

    scheme: Mapped[str] = mapped_column(CODE, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    municipality: Mapped[str] = mapped_column(CODE, ForeignKey(_MUNICIPALITY), index=True)
    is_verified: Mapped[bool]


class MunicipalityAlias(Dated, Sourced, Base):
    """A spelling that occurs, rightly or wrongly, in one source."""

    __tablename__ = "municipality_alias"

    municipality: Mapped[str] = mapped_column(CODE, ForeignKey(_MUNICIPALITY), primary_key=True)
    text: Mapped[str] = mapped_column(String(200), primary_key=True)
    source: Mapped[str] = mapped_column(CODE, ForeignKey("source.code"), primary_key=True)
    kind: Mapped[AliasKind]
    note: Mapped[str | None] = mapped_column(String(1000))


class Region(Versioned, Sourced, Base):
    """A region of one scheme; schemes do not fit into each other."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    scheme: Mapped[str] = mapped_column(CODE)
    names: Mapped[Names]


class MunicipalityRegion(Sourced, Base):
    """A municipality lies in a region."""

    __tablename__ = "municipality_region"

    municipality: Mapped[str] = mapped_column(CODE, ForeignKey(_MUNICIPALITY), primary_key=True)
    region: Mapped[str] = mapped_column(CODE, ForeignKey("region.code"), primary_key=True)


class MunicipalityPopulation(Sourced, Base):
    """How many people one publication counts; a figure that is not there is null, never zero."""

    __tablename__ = "municipality_population"
    __table_args__ = (
        CheckConstraint(
            "(persons is null) = (method is null or method = 'not_enumerated')", name="counted"
        ),
        CheckConstraint("persons >= 0", name="persons_not_negative"),
    )

    municipality: Mapped[str] = mapped_column(CODE, ForeignKey(_MUNICIPALITY), primary_key=True)
    vintage: Mapped[str] = mapped_column(String(50), primary_key=True)
    method: Mapped[CountMethod | None]
    persons: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(String(1000))


class MunicipalityCommunity(Versioned, Sourced, Base):
    """Which part of the people one count gives a community; without one, all that are fewer.

    The community that is the most numerous in its municipality is the majority.
    """

    __tablename__ = "municipality_community"
    __table_args__ = (
        UniqueConstraint(
            "municipality",
            "vintage",
            "community",
            "source",
            postgresql_nulls_not_distinct=True,
            name="uq_municipality_community_once",
        ),
        CheckConstraint("(percent is null) = (method = 'not_enumerated')", name="counted"),
        CheckConstraint("percent between 0 and 100", name="percent"),
        CheckConstraint("not is_majority or community is not null", name="majority_is_one"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    municipality: Mapped[str] = mapped_column(CODE, ForeignKey(_MUNICIPALITY))
    vintage: Mapped[str] = mapped_column(String(50))
    counted_on: Mapped[date]
    community: Mapped[str | None] = mapped_column(CODE)
    is_majority: Mapped[bool]
    method: Mapped[CountMethod]
    percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))


class MunicipalitySuccession(Sourced, Base):
    """One municipality came out of another."""

    __tablename__ = "municipality_succession"

    predecessor: Mapped[str] = mapped_column(CODE, ForeignKey(_MUNICIPALITY), primary_key=True)
    successor: Mapped[str] = mapped_column(CODE, ForeignKey(_MUNICIPALITY), primary_key=True)
    happened_on: Mapped[str | None] = mapped_column(String(30))


class Settlement(Versioned, Sourced, Base):
    """A village, a town or another place where people live, as a source calls it."""

    __tablename__ = "settlement"

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    kind: Mapped[SettlementKind]
    names: Mapped[Names]
    words: Mapped[str] = mapped_column(String(1000))


class SettlementMunicipality(Dated, Sourced, Base):
    """A settlement lies in a municipality, for a time."""

    __tablename__ = "settlement_municipality"

    settlement: Mapped[str] = mapped_column(CODE, ForeignKey("settlement.code"), primary_key=True)
    municipality: Mapped[str] = mapped_column(
        CODE, ForeignKey(_MUNICIPALITY), primary_key=True, index=True
    )


class FrameVersion(Base):
    """How often anything about municipalities has changed; readers compare it to stay fresh."""

    __tablename__ = "frame_version"
    __table_args__ = (CheckConstraint("id", name="single"),)

    id: Mapped[bool] = mapped_column(primary_key=True, default=True)
    version: Mapped[int]
