"""The tables of institutions, their dated names and parents, and what became of them."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Dated, Names, Sourced, Versioned

from .rules import InstitutionKind, MemberFunction, NameForm

_INSTITUTION = "institution.code"


class Institution(Versioned, Dated, Sourced, Base):
    """An institution, for as long as it exists.

    `until_source` is the act that ended it, where that is another than the one that tells of it.
    """

    __tablename__ = "institution"
    __table_args__ = (
        CheckConstraint(
            "num_nulls(until_source, until_locator) in (0, 2) "
            "and (until_source is null or valid_until is not null)",
            name="until_sourced",
        ),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    kind: Mapped[InstitutionKind]
    names: Mapped[Names]
    words: Mapped[str] = mapped_column(String(1000))
    municipality: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("municipality.slug"), index=True
    )
    until_source: Mapped[str | None] = mapped_column(CODE, ForeignKey("source.code"))
    until_locator: Mapped[str | None] = mapped_column(String(200))


class InstitutionName(Dated, Sourced, Base):
    """A name, abbreviation or misspelling, for as long as it is in use."""

    __tablename__ = "institution_name"

    institution: Mapped[str] = mapped_column(CODE, ForeignKey(_INSTITUTION), primary_key=True)
    language: Mapped[str] = mapped_column(String(10), primary_key=True)
    form: Mapped[NameForm] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(300), primary_key=True)
    words: Mapped[str] = mapped_column(String(500))


class InstitutionParent(Dated, Sourced, Base):
    """An institution belongs to another for a time."""

    __tablename__ = "institution_parent"
    __table_args__ = (CheckConstraint("institution <> parent", name="not_itself"),)

    institution: Mapped[str] = mapped_column(CODE, ForeignKey(_INSTITUTION), primary_key=True)
    parent: Mapped[str] = mapped_column(
        CODE, ForeignKey(_INSTITUTION), primary_key=True, index=True
    )


class InstitutionSuccession(Sourced, Base):
    """One institution took over from another."""

    __tablename__ = "institution_succession"
    __table_args__ = (CheckConstraint("predecessor <> successor", name="not_itself"),)

    predecessor: Mapped[str] = mapped_column(CODE, ForeignKey(_INSTITUTION), primary_key=True)
    successor: Mapped[str] = mapped_column(
        CODE, ForeignKey(_INSTITUTION), primary_key=True, index=True
    )
    happened_on: Mapped[str | None] = mapped_column(String(30))


class Membership(Versioned, Sourced, Base):
    """An institution, a municipality or a person belongs to a body, for a time."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint(
            *("body", "institution", "municipality", "holder", "function", "since", "attested_on"),
            postgresql_nulls_not_distinct=True,
            name="uq_membership_once",
        ),
        CheckConstraint("num_nonnulls(institution, municipality, holder) = 1", name="one_member"),
        CheckConstraint("body <> institution", name="not_itself"),
        CheckConstraint("since is not null or attested_on is not null", name="dated"),
        CheckConstraint("possible @> certain", name="certain_is_possible"),
        CheckConstraint("not isempty(possible)", name="ends_after_it_begins"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    body: Mapped[str] = mapped_column(CODE, ForeignKey(_INSTITUTION))
    institution: Mapped[str | None] = mapped_column(CODE, ForeignKey(_INSTITUTION), index=True)
    municipality: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("municipality.slug"), index=True
    )
    holder: Mapped[str | None] = mapped_column(CODE, ForeignKey("holder.code"), index=True)
    function: Mapped[MemberFunction]
    since: Mapped[str | None] = mapped_column(String(30))
    until: Mapped[str | None] = mapped_column(String(30))
    attested_on: Mapped[str | None] = mapped_column(String(30))
    certain: Mapped[Range[date]]
    possible: Mapped[Range[date]]
