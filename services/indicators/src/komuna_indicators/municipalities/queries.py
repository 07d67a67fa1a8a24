"""What the database is asked about the copied municipalities."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from .models import Municipality


def existed_on(day: ColumnElement[date]) -> ColumnElement[bool]:
    """Say in SQL that a municipality existed on a day."""
    until = Municipality.valid_until
    return and_(Municipality.valid_from <= day, or_(until.is_(None), until > day))


def existing_on(day: ColumnElement[date]) -> Select[str]:
    """Return the slugs of the municipalities that existed on a day."""
    return select(Municipality.slug).where(existed_on(day))


async def find_spellings(session: AsyncSession, spellings: Iterable[str]) -> dict[str, str]:
    """Return the slug for each normalised spelling that means exactly one municipality."""
    each = select(Municipality.slug, func.unnest(Municipality.spellings).label("spelling"))
    copied = each.subquery()
    rows = await session.execute(
        select(copied.c.spelling, func.min(copied.c.slug).label("slug"))
        .where(copied.c.spelling.in_(list(spellings)))
        .group_by(copied.c.spelling)
        .having(func.count(copied.c.slug.distinct()) == 1)
    )
    return {row.spelling: row.slug for row in rows}


async def find_slugs(session: AsyncSession) -> frozenset[str]:
    """Return the slugs of all municipalities there ever were."""
    return frozenset(await session.scalars(select(Municipality.slug)))


async def find_names(connection: AsyncConnection | AsyncSession) -> dict[str, dict[str, str]]:
    """Return what each municipality is called."""
    rows = await connection.execute(select(Municipality.slug, Municipality.names))
    return {row.slug: row.names for row in rows}


async def copied_at(connection: AsyncConnection | AsyncSession) -> datetime | None:
    """Return when registry last told this service about a municipality."""
    found = await connection.execute(select(func.max(Municipality.copied_at)))
    return found.scalar_one()
