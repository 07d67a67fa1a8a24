"""How many seats of some kinds are held on a day, by whom, and of how many nobody knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import (
    ARRAY,
    CTE,
    Date,
    String,
    bindparam,
    distinct,
    exists,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.filter_values import UnknownFilterValueError
from komuna_registry.municipalities.models import Municipality
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_registry.tables import Statement
from komuna_shared.database import Record

from .models import Holder, Office, OfficeKind, OfficePublication, Tenure
from .rules import Breakdown

_KINDS = bindparam("kinds", type_=ARRAY(String))
_DAY = bindparam("as_of", type_=Date)


@dataclass(frozen=True, slots=True)
class Counts:
    """The seats of a day: held for certain, possibly held, and all; None where none is recorded."""

    seats: int | None
    held: int | None
    possible: int | None
    groups: Sequence[Record]
    published: Sequence[Record]

    @property
    def unknown(self) -> int | None:
        """Of how many seats nobody is known, not even possibly."""
        if self.seats is None or self.held is None or self.possible is None:
            return None
        return self.seats - self.held - self.possible


async def count_offices(
    connection: AsyncConnection, kinds: Sequence[str], by: Sequence[Breakdown], as_of: date
) -> Counts:
    """Return the counts of these kinds, or raise where one of them is not known."""
    wanted = sorted(set(kinds))
    told = (await connection.execute(_PUBLISHED, {"kinds": wanted})).all()
    if {row.code for row in told} != set(wanted):
        raise UnknownFilterValueError(("kind",))
    published = [row for row in told if row.indicator is not None]
    found = await connection.execute(_statement(frozenset(by)), {"kinds": wanted, "as_of": as_of})
    rows = found.all()
    total = rows[0]
    groups = [row for row in rows if row.held_count is not None]
    if total.seats is None:
        return Counts(None, None, None, (), published)
    held = sum(row.held_count for row in groups)
    return Counts(total.seats, held, total.possible_seats, groups, published)


_PUBLISHED: Statement = (
    select(
        OfficeKind.code,
        OfficePublication.indicator,
        OfficePublication.period,
        OfficePublication.source,
        OfficePublication.locator,
    )
    .join_from(
        OfficeKind, OfficePublication, OfficePublication.kind == OfficeKind.code, isouter=True
    )
    .where(OfficeKind.code == func.any(_KINDS))
    .order_by(OfficeKind.code, OfficePublication.period, OfficePublication.indicator)
)


@cache
def _statement(by: frozenset[Breakdown]) -> Statement:
    """Return the one statement of a breakdown: its groups, each beside the totals."""
    seat = _seats()
    held = _held(seat)
    open_seats = _possibly_held(held)
    counted = union_all(select(held).where(held.c.is_certain), select(open_seats)).subquery()
    columns = [counted.c[one.value] for one in Breakdown if one in by]
    groups = (
        select(
            *columns,
            func.count().filter(counted.c.is_certain).label("held_count"),
            func.count().filter(~counted.c.is_certain).label("possible_count"),
        )
        .group_by(*columns)
        .cte("groups")
    )
    return _beside_totals(seat, open_seats, groups, len(columns))


def _seats() -> CTE:
    """Return the offices of the kinds; where a municipality's, it certainly existed on the day."""
    return (
        select(Office.code, Office.municipality, Office.seats)
        .join_from(Office, Source, Source.code == Office.source)
        .join(Municipality, Municipality.slug == Office.municipality, isouter=True)
        .where(
            Office.kind == func.any(_KINDS),
            or_(Office.municipality.is_(None), Municipality.certain.contains(_DAY)),
            # What is made up is in no count of what is real.
            Source.standing != Standing.SYNTHETIC,
        )
        .cte("seat")
    )


def _held(seat: CTE) -> CTE:
    """Return who held their seats on the day, for certain or possibly."""
    return (
        select(
            Tenure.office,
            Tenure.seat,
            Holder.sex,
            Holder.community,
            seat.c.municipality,
            Tenure.certain.contains(_DAY).label("is_certain"),
        )
        .join_from(seat, Tenure, Tenure.office == seat.c.code)
        .join(Holder, Holder.code == Tenure.holder)
        .join(Source, Source.code == Tenure.source)
        .where(
            Tenure.possible.contains(_DAY),
            Tenure.seat <= seat.c.seats,
            Source.standing != Standing.SYNTHETIC,
        )
        .cte("held")
    )


def _possibly_held(held: CTE) -> CTE:
    """Return those of seats that nobody held for certain."""
    certain = held.alias("certain")
    is_taken = exists().where(
        certain.c.is_certain, certain.c.office == held.c.office, certain.c.seat == held.c.seat
    )
    return select(held).where(~held.c.is_certain, ~is_taken).cte("open_seats")


def _beside_totals(seat: CTE, open_seats: CTE, groups: CTE, width: int) -> Statement:
    possible = select(func.count(distinct(func.row(open_seats.c.office, open_seats.c.seat))))
    totals = select(
        select(func.sum(seat.c.seats)).scalar_subquery().label("seats"),
        possible.scalar_subquery().label("possible_seats"),
    ).subquery("totals")
    broken_down = list(groups.c)[:width]
    return (
        select(*totals.c, *groups.c)
        .join_from(totals, groups, true(), isouter=True)
        .order_by(*(column.nulls_last() for column in broken_down))
    )
