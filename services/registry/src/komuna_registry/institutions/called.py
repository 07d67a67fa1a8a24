"""What institutions are called now, for answers of other features that name one."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from .models import Institution


async def find_names(
    connection: AsyncConnection | AsyncSession, codes: Iterable[str]
) -> dict[str, dict[str, str]]:
    """Return the names of the institutions of these codes, by code and language."""
    table = Institution.__table__
    rows = await connection.execute(
        select(table.c.code, table.c.names).where(table.c.code.in_(set(codes)))
    )
    return {row.code: row.names for row in rows}
