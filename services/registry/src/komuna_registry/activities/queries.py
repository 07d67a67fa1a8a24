"""What the database is asked about activities."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.filter_values import check_filters
from komuna_registry.institutions.models import Institution
from komuna_registry.municipalities.models import Municipality
from komuna_registry.tables import Statement
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import (
    Activity,
    ActivityEvidence,
    ActivityMunicipality,
    ActivityParticipant,
    ActivityParty,
    ActivityPublication,
)
from .rules import ActivityKind, ActivityNotFoundError, Days, Part

Reading = AsyncConnection | AsyncSession
_Said = Mapping[str, Sequence[Record]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which activities a list or a count is about; `touching` are days that theirs must meet."""

    kind: Sequence[ActivityKind] = ()
    municipality: Sequence[str] = ()
    organiser: Sequence[str] = ()
    touching: Days | None = None
    is_synthetic: bool = False


@dataclass(frozen=True, slots=True)
class ActivityFound:
    """An activity with everything that is said about it."""

    row: Record
    municipalities: Sequence[Record]
    parties: Sequence[Record]
    participants: Sequence[Record]
    evidence: Sequence[Record]


async def list_activities(
    connection: AsyncConnection, page: PageRequest, wanted: Wanted
) -> Found[ActivityFound]:
    """Return one page of activities, newest first; those made up are a list of their own."""
    table = Activity.__table__
    keys = (Key("period", table.c.first_day), Key("code", table.c.code))
    found = await keyset(connection, _select(wanted), page, keys=keys, default="-period")
    await _check_wanted(connection, found.items, wanted)
    return Found(await _with_parts(connection, found.items), found.page)


async def load_wanted(connection: AsyncConnection, wanted: Wanted) -> list[ActivityFound]:
    """Return all activities that are asked for, for counting."""
    rows = (await connection.execute(_select(wanted))).all()
    await _check_wanted(connection, rows, wanted)
    return await _with_parts(connection, rows)


async def get_activity(connection: Reading, code: str) -> ActivityFound:
    """Return one activity, or raise."""
    found = await load_activities(connection, [code])
    if not found:
        raise ActivityNotFoundError
    return found[0]


async def load_activities(connection: Reading, codes: Sequence[str]) -> list[ActivityFound]:
    """Return the activities of these codes with everything said about them, by code."""
    table = Activity.__table__
    rows = await connection.execute(
        select(table).where(table.c.code.in_(codes)).order_by(table.c.code)
    )
    return await _with_parts(connection, rows.all())


async def list_publications(
    connection: AsyncConnection, kinds: Sequence[ActivityKind]
) -> Sequence[Record]:
    """Return where totals of these kinds were published; of all kinds when none is named."""
    table = ActivityPublication.__table__
    rows: Statement = select(table).order_by(*table.primary_key)
    if kinds:
        rows = rows.where(table.c.kind.in_(kinds))
    return (await connection.execute(rows)).all()


async def _check_wanted(connection: AsyncConnection, found: Sized, wanted: Wanted) -> None:
    await check_filters(
        connection,
        found,
        municipality=(Municipality.slug, wanted.municipality),
        organiser=((Institution.code, Municipality.slug), wanted.organiser),
    )


def _select(wanted: Wanted) -> Statement:
    table = Activity.__table__
    rows: Statement = select(table).where(table.c.is_synthetic.is_(wanted.is_synthetic))
    if wanted.kind:
        rows = rows.where(table.c.kind.in_(wanted.kind))
    if wanted.municipality:
        place = ActivityMunicipality.__table__.c
        placed = exists().where(place.activity == table.c.code)
        rows = rows.where(placed.where(place.municipality.in_(wanted.municipality)))
    if wanted.organiser:
        party = ActivityParty.__table__.c
        organised = exists().where(party.activity == table.c.code, party.part == Part.ORGANISER)
        named = party.institution.in_(wanted.organiser) | party.municipality.in_(wanted.organiser)
        rows = rows.where(organised.where(named))
    if wanted.touching is not None:
        days = wanted.touching
        rows = rows.where(table.c.first_day <= days.last, table.c.last_day >= days.first)
    return rows


async def _with_parts(connection: Reading, rows: Sequence[Record]) -> list[ActivityFound]:
    codes = [row.code for row in rows]
    municipalities = await _of(connection, ActivityMunicipality, codes)
    parties = await _of(connection, ActivityParty, codes)
    participants = await _of(connection, ActivityParticipant, codes)
    evidence = await _of(connection, ActivityEvidence, codes)
    return [
        ActivityFound(
            row,
            municipalities.get(row.code, ()),
            parties.get(row.code, ()),
            participants.get(row.code, ()),
            evidence.get(row.code, ()),
        )
        for row in rows
    ]


async def _of(connection: Reading, model: Any, codes: Sequence[str]) -> _Said:
    table = model.__table__
    statement = select(table).where(table.c.activity.in_(codes)).order_by(*table.primary_key)
    said: defaultdict[str, list[Record]] = defaultdict(list)
    for row in await connection.execute(statement):
        said[row.activity].append(row)
    return said
