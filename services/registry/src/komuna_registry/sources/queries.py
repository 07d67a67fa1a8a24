"""What the database is asked about sources."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Source
from .rules import SourceNotFoundError, Standing


async def list_sources(connection: AsyncConnection, page: PageRequest) -> Found[Record]:
    """Return one page of the sources, by code."""
    return await keyset(
        connection, select(Source.__table__), page, keys=(Key("code", Source.__table__.c.code),)
    )


async def get_source(connection: AsyncConnection, code: str) -> Record:
    """Return one source, or raise."""
    rows = await connection.execute(select(Source.__table__).where(Source.code == code))
    found = rows.one_or_none()
    if found is None:
        raise SourceNotFoundError
    return found


async def find_sources(connection: AsyncConnection, codes: Iterable[str]) -> list[Record]:
    """Return the sources of these codes, by code."""
    statement = select(Source.__table__).where(Source.code.in_(set(codes))).order_by(Source.code)
    return list(await connection.execute(statement))


async def find_made_up(session: AsyncSession, codes: Iterable[str]) -> set[str]:
    """Return which of these sources tell what is made up for the demonstration."""
    made_up = Source.standing == Standing.SYNTHETIC
    return set(
        await session.scalars(select(Source.code).where(Source.code.in_(set(codes)), made_up))
    )
