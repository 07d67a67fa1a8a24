"""The table of people, apart from the cases and sealed field by field."""

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from komuna_referrals.cases.models import OfCase, Sealed
from komuna_referrals.tables import Base, Code, WrittenAt


class Person(Base):
    """Whom a case is about: class A and class B, each field sealed for the row's version."""

    __tablename__ = "person"

    case_id: Mapped[OfCase] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    first_name: Mapped[Sealed | None]
    last_name: Mapped[Sealed | None]
    birth_year: Mapped[Sealed | None]
    birth_date: Mapped[Sealed | None]
    personal_number: Mapped[Sealed | None]
    citizenships: Mapped[Sealed | None]
    telephone: Mapped[Sealed | None]
    address: Mapped[Sealed | None]
    written_at: Mapped[WrittenAt]


class PersonMark(Base):
    """A short keyed digest by which a person is found; functions write and compare it."""

    __tablename__ = "person_mark"
    __table_args__ = (
        CheckConstraint("field in ('name', 'telephone', 'personal_number')", name="field"),
        Index(None, "field", "mark"),
    )

    case_id: Mapped[OfCase] = mapped_column(primary_key=True)
    field: Mapped[Code] = mapped_column(primary_key=True)
    mark: Mapped[Sealed]
