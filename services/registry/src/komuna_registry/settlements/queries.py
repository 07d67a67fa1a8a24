"""What the database is asked about settlements."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.filter_values import check_filters
from komuna_registry.municipalities.models import (
    Municipality,
    Settlement,
    SettlementMunicipality,
)
from komuna_registry.municipalities.rules import SettlementNotFoundError
from komuna_registry.naming import like
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which settlements a list is about."""

    as_of: date
    municipality: Sequence[str] = ()
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Situated:
    """A settlement, and the municipalities that it lies or lay in."""

    row: Record
    within: Sequence[Record]


async def list_settlements(
    connection: AsyncConnection, page: PageRequest, wanted: Wanted
) -> Found[Situated]:
    """Return one page of settlements, by code; `municipality` means where they lie on the day."""
    table = Settlement.__table__
    rows = select(table)
    if wanted.municipality:
        inside = select(SettlementMunicipality.settlement).where(
            SettlementMunicipality.municipality.in_(wanted.municipality),
            SettlementMunicipality.possible.contains(wanted.as_of),
        )
        rows = rows.where(table.c.code.in_(inside))
    if wanted.q is not None:
        rows = rows.where(table.c.words.like(like(wanted.q)))
    found = await keyset(connection, rows, page, keys=(Key("code", table.c.code),))
    asked = (Municipality.slug, wanted.municipality)
    await check_filters(connection, found.items, municipality=asked)
    return Found(await _situated(connection, found.items), found.page)


async def get_settlement(connection: AsyncConnection, code: str) -> Situated:
    """Return one settlement, or raise."""
    found = await load_settlements(connection, [code])
    if not found:
        raise SettlementNotFoundError
    return found[0]


async def load_settlements(
    connection: AsyncConnection | AsyncSession, codes: Sequence[str]
) -> list[Situated]:
    """Return the settlements of these codes with where they lie."""
    table = Settlement.__table__
    rows = await connection.execute(
        select(table).where(table.c.code.in_(codes)).order_by(table.c.code)
    )
    return await _situated(connection, rows.all())


async def _situated(
    connection: AsyncConnection | AsyncSession, rows: Sequence[Record]
) -> list[Situated]:
    table = SettlementMunicipality.__table__
    found = await connection.execute(
        select(table)
        .where(table.c.settlement.in_([row.code for row in rows]))
        .order_by(table.c.municipality)
    )
    within: defaultdict[str, list[Record]] = defaultdict(list)
    for one in found:
        within[one.settlement].append(one)
    return [Situated(row, within[row.code]) for row in rows]
