"""The tables of accounts and of the roles that people hold."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Versioned

from .rules import Role


class Account(Versioned, Base):
    """A person as the issuer of tokens knows them."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(300))
    work_contact: Mapped[str | None] = mapped_column(String(300))
    language: Mapped[str | None] = mapped_column(String(10))
    is_synthetic: Mapped[bool]


class Assignment(Versioned, Base):
    """A role that an account holds at a place, for a time; one that was revoked is kept.

    One that was lent by the holder of another never exceeds that one and ends with it: two triggers
    of migration r015 hold this.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("valid_until is null or valid_from < valid_until", name="period_order"),
        CheckConstraint(
            "delegated_from is null or valid_until is not null", name="lent_for_a_time"
        ),
        ExcludeConstraint(
            ("account", "="),
            ("role", "="),
            (text("coalesce(institution, '')"), "="),
            (text("coalesce(municipality, '')"), "="),
            (func.daterange(text("valid_from"), text("valid_until")), "&&"),
            using="gist",
            where=text("revoked_at is null"),
            name="ex_assignment_once",
        ),
        Index(None, "institution"),
        Index(None, "municipality"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    account: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[Role]
    institution: Mapped[str | None] = mapped_column(CODE, ForeignKey("institution.code"))
    municipality: Mapped[str | None] = mapped_column(CODE, ForeignKey("municipality.slug"))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    source: Mapped[str] = mapped_column(String(300))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    delegated_from: Mapped[UUID | None] = mapped_column(ForeignKey("assignment.id"), index=True)
