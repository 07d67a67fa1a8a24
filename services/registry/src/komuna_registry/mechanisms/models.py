"""The tables of mechanisms: their kinds, and what sources say of each municipality."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Names, Sourced, Versioned

from .rules import Aspect, Mandate


class MechanismKind(Versioned, Sourced, Base):
    """A kind of mechanism, and who must have one."""

    __tablename__ = "mechanism_kind"

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    names: Mapped[Names]
    mandate: Mapped[Mandate]
    legal_basis: Mapped[str | None] = mapped_column(String(500))


class MechanismStatement(Sourced, Versioned, Base):
    """What one source says of one aspect, in one municipality, for a stated period."""

    __tablename__ = "mechanism_statement"
    __table_args__ = (
        UniqueConstraint(
            "kind",
            "municipality",
            "aspect",
            "holds",
            "valid_from",
            "source",
            "locator",
            name="uq_mechanism_statement_once",
        ),
        CheckConstraint("valid_until is null or valid_from < valid_until", name="period_order"),
        Index(None, "kind", "valid_from"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    kind: Mapped[str] = mapped_column(CODE, ForeignKey("mechanism_kind.code"))
    municipality: Mapped[str] = mapped_column(CODE, ForeignKey("municipality.slug"), index=True)
    aspect: Mapped[Aspect]
    holds: Mapped[bool]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    printed_as: Mapped[str | None] = mapped_column(String(200))
