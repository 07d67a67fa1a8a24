"""What the database is asked about releases."""

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared.errors import NotFoundError
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Release

_RELEASE = Release.__table__


async def list_releases(connection: AsyncConnection, page: PageRequest) -> Found[Row[Any]]:
    """Return the releases, the newest first."""
    keys = [Key("published_at", _RELEASE.c.published_at), Key("code", _RELEASE.c.code)]
    return await keyset(connection, select(_RELEASE), page, keys=keys, default="-published_at")


async def get_release(connection: AsyncConnection | AsyncSession, code: str) -> Row[Any]:
    """Return one release, or raise."""
    found = await connection.execute(select(_RELEASE).where(_RELEASE.c.code == code))
    row = found.one_or_none()
    if row is None:
        raise NotFoundError
    return row
