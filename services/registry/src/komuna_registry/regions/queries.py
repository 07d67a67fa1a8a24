"""What the database is asked about regions."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.filter_values import check_filters
from komuna_registry.municipalities.models import Region
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset


async def list_regions(
    connection: AsyncConnection, page: PageRequest, schemes: Sequence[str]
) -> Found[Record]:
    """Return one page of regions, by code."""
    rows = select(Region.__table__)
    if schemes:
        rows = rows.where(Region.scheme.in_(schemes))
    found = await keyset(connection, rows, page, keys=(Key("code", Region.__table__.c.code),))
    await check_filters(connection, found.items, scheme=(Region.scheme, schemes))
    return found
