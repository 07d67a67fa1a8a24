"""What every table of this service has: its base, a source for each statement, a dated validity."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Select, String
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from komuna_registry.periods import Certainty, Days, Presence
from komuna_shared.database import TYPES, new_metadata

CODE = String(100)
Names = dict[str, str]
Statement = Select[*tuple[Any, ...]]


class Base(DeclarativeBase):
    """The base of every table of the registry."""

    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        **TYPES,
        Names: JSONB,
        Range[date]: DATERANGE,
    }


class Sourced:
    """A statement says which document it was taken from, and where in it."""

    @declared_attr
    def source(cls) -> Mapped[str]:  # noqa: N805  SQLAlchemy calls it on the class.
        """The code of the document."""
        return mapped_column(CODE, ForeignKey("source.code"))

    locator: Mapped[str] = mapped_column(String(200))


class Dated:
    """A statement that holds for a time, whose ends may be imprecise.

    The two ranges are computed from the written dates by `periods.presence`, so that Postgres can
    compare them.
    """

    valid_from: Mapped[str | None] = mapped_column(String(30))
    valid_until: Mapped[str | None] = mapped_column(String(30))
    certain: Mapped[Range[date]]
    possible: Mapped[Range[date]]

    @property
    def presence(self) -> Presence:
        """Return when this certainly and when it possibly held."""
        return Presence(read_days(self.certain), read_days(self.possible))

    def certainty_on(self, day: date) -> Certainty | None:
        """Return how sure it is that this held on `day`."""
        return self.presence.on(day)


class Versioned:
    """A thing with a life counts its changes."""

    version: Mapped[int] = mapped_column(default=1, server_default="1")


def write_days(days: Days) -> Range[date]:
    """Return the range that Postgres stores."""
    return Range(empty=True) if days.is_empty else Range(days.lower, days.upper, bounds="[)")


def read_days(stored: Range[date]) -> Days:
    """Return the days of a stored range."""
    return Days(date.max, date.min) if stored.isempty else Days(stored.lower, stored.upper)


def ranges(presence: Presence) -> dict[str, Any]:
    """Return the two stored ranges of a presence."""
    return {
        "certain": write_days(presence.certain),
        "possible": write_days(presence.possible),
    }
