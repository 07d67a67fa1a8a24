"""The table of obligations: who must report which form, and by when."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from komuna_indicators.catalogue.models import Versioned
from komuna_indicators.tables import Base, Code

from .rules import Reporters


class Obligation(Versioned, Base):
    """One version of an obligation; it never changes."""

    __tablename__ = "obligation"

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """Keep invented reports out of every period before 2026."""
        return (
            UniqueConstraint("code", "version"),
            Index(None, "code", unique=True, postgresql_where=text("valid_to = 'infinity'")),
            CheckConstraint("valid_from <= valid_to", name="not_replaced_before_written"),
            CheckConstraint("not is_synthetic or first_period >= '2026'", name="synthetic_is_new"),
            CheckConstraint("due_days between 1 and 366", name="due_in_time"),
        )

    form: Mapped[Code]
    reporters: Mapped[Reporters]
    # As it is written, "2026-S1": codes of periods begin with their year.
    first_period: Mapped[Code]
    due_days: Mapped[int] = mapped_column(SmallInteger)
    is_synthetic: Mapped[bool]
