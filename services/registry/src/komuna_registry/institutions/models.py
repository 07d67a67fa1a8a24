"""The tables of institutions, their dated names and parents, and what became of them."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Dated, Names, Sourced, Versioned

from .rules import InstitutionKind, NameForm

_INSTITUTION = "institution.code"


class Institution(Versioned, Dated, Sourced, Base):
    """An institution, for as long as it exists."""

    __tablename__ = "institution"

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    kind: Mapped[InstitutionKind]
    names: Mapped[Names]
    words: Mapped[str] = mapped_column(String(1000))
    municipality: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("municipality.slug"), index=True
    )


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
