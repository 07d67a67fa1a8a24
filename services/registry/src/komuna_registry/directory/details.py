"""What is said about services beyond their list: where, when, how reached, for how much."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared.database import Record

from .particulars import (
    InstitutionChannel,
    ServiceCapacity,
    ServiceChannel,
    ServiceCost,
    ServiceSchedule,
    ServiceText,
)
from .places import Location, LocationAccessibility, ServiceAtLocation
from .queries import Said, load_said, said_of

Reading = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class Place:
    """A place of one service: that it is given there, where that is, what it has."""

    link: Record
    location: Record
    accessibility: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Whole:
    """One service with everything that is said about it anywhere, as stored rows."""

    said: Said
    places: Sequence[Place]
    schedules: Sequence[Record]
    channels: Sequence[Record]
    institution_channels: Sequence[Record]
    costs: Sequence[Record]
    texts: Sequence[Record]
    capacities: Sequence[Record]


async def load_whole(connection: Reading, rows: Sequence[Record]) -> list[Whole]:
    """Return services, in their order, with everything that is said about them anywhere."""
    codes = [row.code for row in rows]
    places = await _load_places(connection, codes)
    schedules = await said_of(
        connection, ServiceSchedule, codes, "location", "byday", "opens_at", "id"
    )
    channels = await said_of(connection, ServiceChannel, codes, "kind", "value")
    costs = await said_of(connection, ServiceCost, codes, "option", "valid_from")
    texts = await said_of(connection, ServiceText, codes, "kind", "language")
    capacities = await said_of(connection, ServiceCapacity, codes, "unit")
    shared = await load_institution_channels(connection, [row.institution for row in rows])
    return [
        Whole(
            said,
            places[code],
            schedules[code],
            channels[code],
            shared[said.row.institution],
            costs[code],
            texts[code],
            capacities[code],
        )
        for said in await load_said(connection, rows)
        for code in (said.row.code,)
    ]


async def load_institution_channels(
    connection: Reading, institutions: Sequence[str]
) -> defaultdict[str, list[Record]]:
    """Return how everybody reaches institutions as a whole, by their codes."""
    table = InstitutionChannel.__table__
    statement = (
        select(table)
        .where(table.c.institution.in_(set(institutions)))
        .order_by(table.c.kind, table.c.value)
    )
    return _by(await connection.execute(statement), "institution")


async def _load_places(connection: Reading, codes: Sequence[str]) -> defaultdict[str, list[Place]]:
    links = await said_of(connection, ServiceAtLocation, codes, "location")
    named = {link.location for several in links.values() for link in several}
    places: defaultdict[str, list[Place]] = defaultdict(list)
    if not named:
        return places
    found = await connection.execute(
        select(Location.__table__).where(Location.code.in_(sorted(named)))
    )
    locations = {one.code: one for one in found}
    table = LocationAccessibility.__table__
    features = _by(
        await connection.execute(
            select(table).where(table.c.location.in_(sorted(named))).order_by(table.c.feature)
        ),
        "location",
    )
    for code, several in links.items():
        places[code] = [
            Place(one, locations[one.location], features[one.location]) for one in several
        ]
    return places


def _by(rows: Any, column: str) -> defaultdict[str, list[Record]]:
    grouped: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        grouped[getattr(row, column)].append(row)
    return grouped
