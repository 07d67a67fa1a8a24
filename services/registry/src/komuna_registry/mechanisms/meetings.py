"""When a mechanism met, who was there, and whether that is as often as it must."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared.database import Record

from .models import MechanismAttendance, MechanismMeeting

Key = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting, with its attendance where a source tells of it."""

    row: Record
    attendance: Sequence[Record]


async def list_meetings(connection: AsyncConnection, mechanism: str, year: int) -> list[Met]:
    """Return the meetings of a mechanism in a year, earliest first."""
    table = MechanismMeeting.__table__
    held = await connection.execute(
        select(table)
        .where(
            table.c.mechanism == mechanism,
            table.c.held_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .order_by(table.c.held_on)
    )
    rows = held.all()
    attended = await list_attendance(connection, {(mechanism, row.held_on) for row in rows})
    return [Met(row, attended[mechanism, row.held_on]) for row in rows]


async def find_meetings(session: AsyncSession, named: Iterable[Key]) -> Sequence[Record]:
    """Return the meetings of these mechanisms and days."""
    table = MechanismMeeting.__table__
    wanted = tuple_(table.c.mechanism, table.c.held_on).in_(list(named))
    return (await session.execute(select(table).where(wanted).order_by(table.c.id))).all()


async def list_attendance(
    connection: AsyncConnection | AsyncSession, named: Iterable[Key]
) -> defaultdict[Key, list[Record]]:
    """Return who was at each of these meetings."""
    table = MechanismAttendance.__table__
    wanted = tuple_(table.c.mechanism, table.c.held_on).in_(list(named))
    found = await connection.execute(select(table).where(wanted).order_by(table.c.id))
    by_meeting: defaultdict[Key, list[Record]] = defaultdict(list)
    for row in found:
        by_meeting[row.mechanism, row.held_on].append(row)
    return by_meeting


def count_by(attendance: Iterable[Record], column: str) -> dict[str | None, int]:
    """Return how many persons there are of each sex or community that a source tells, or None."""
    counted: Counter[str | None] = Counter()
    for row in attendance:
        counted[getattr(row, column)] += row.persons
    return dict(counted)


def is_met(held: int | None, required: int | None, *, is_over: bool) -> bool | None:
    """Tell whether a mechanism met as often as it must in a year; None while nobody can say."""
    if held is None or required is None:
        return None
    if held >= required:
        return True
    return False if is_over else None
