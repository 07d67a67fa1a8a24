"""Which single mechanisms there are: each with whom it serves and its states, as stored rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.filter_values import check_filters
from komuna_registry.municipalities.models import Municipality
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Mechanism, MechanismKind, MechanismMunicipality, MechanismState
from .rules import MechanismNotFoundError


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which mechanisms a list is about."""

    kind: Sequence[str] = ()
    municipality: Sequence[str] = ()
    is_synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """One mechanism with everything that is said about it."""

    row: Record
    served: Sequence[Record]
    states: Sequence[Record]


async def list_mechanisms(
    connection: AsyncConnection, page: PageRequest, wanted: Wanted
) -> Found[Registered]:
    """Return one page of mechanisms, by code; those made up are a list of their own."""
    table = Mechanism.__table__
    rows = select(table).where(table.c.is_synthetic.is_(wanted.is_synthetic))
    if wanted.kind:
        rows = rows.where(table.c.kind.in_(wanted.kind))
    if wanted.municipality:
        serving = select(MechanismMunicipality.mechanism).where(
            MechanismMunicipality.municipality.in_(wanted.municipality)
        )
        rows = rows.where(table.c.code.in_(serving))
    found = await keyset(connection, rows, page, keys=(Key("code", table.c.code),))
    await check_filters(
        connection,
        found.items,
        kind=(MechanismKind.code, wanted.kind),
        municipality=(Municipality.slug, wanted.municipality),
    )
    return Found(await _registered(connection, found.items), found.page)


async def get_mechanism(connection: AsyncConnection, code: str) -> Registered:
    """Return one mechanism, or raise."""
    found = await load_mechanisms(connection, [code])
    if not found:
        raise MechanismNotFoundError
    return found[0]


async def load_mechanisms(
    connection: AsyncConnection | AsyncSession, codes: Sequence[str]
) -> list[Registered]:
    """Return the mechanisms of these codes with everything that is said about them."""
    table = Mechanism.__table__
    rows = await connection.execute(
        select(table).where(table.c.code.in_(codes)).order_by(table.c.code)
    )
    return await _registered(connection, rows.all())


async def _registered(
    connection: AsyncConnection | AsyncSession, rows: Sequence[Record]
) -> list[Registered]:
    codes = [row.code for row in rows]
    served = await _said(connection, MechanismMunicipality, codes)
    states = await _said(connection, MechanismState, codes)
    return [Registered(row, served[row.code], states[row.code]) for row in rows]


async def _said(
    connection: AsyncConnection | AsyncSession, model: Any, codes: Sequence[str]
) -> defaultdict[str, list[Record]]:
    table = model.__table__
    statement = (
        select(table).where(table.c.mechanism.in_(codes)).order_by(*table.primary_key.columns)
    )
    said: defaultdict[str, list[Record]] = defaultdict(list)
    for row in await connection.execute(statement):
        said[row.mechanism].append(row)
    return said
