"""What the database is asked about the catalogue."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, Select, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from .models import CatalogueVersion, CodeList, Dataflow, Document, Indicator, Versioned

_CURRENT = text("valid_to = 'infinity'")

_EVERYTHING: dict[str, Select[Any]] = {
    "document": select(Document.__table__),
    "code_list": select(CodeList.__table__).where(_CURRENT),
    "dataflow": select(Dataflow.__table__).where(_CURRENT),
    "indicator": select(Indicator.__table__).where(_CURRENT),
}


async def find_version(connection: AsyncConnection | AsyncSession) -> int:
    """Return how often the catalogue has changed."""
    return (await connection.execute(select(CatalogueVersion.version))).scalar() or 0


async def read_everything(
    connection: AsyncConnection | AsyncSession,
) -> dict[str, dict[str, Row[Any]]]:
    """Return the current rows of every table of the catalogue, by code."""
    return {
        name: {row.code: row for row in await connection.execute(statement)}
        for name, statement in _EVERYTHING.items()
    }


def current_indicators() -> Select[Any]:
    """Return the statement that lists the current indicators."""
    return select(Indicator.__table__).where(_CURRENT)


def current_dataflows() -> Select[Any]:
    """Return the statement that lists the current dataflows."""
    return select(Dataflow.__table__).where(_CURRENT)


def current_code_lists() -> Select[Any]:
    """Return the statement that lists the current code lists."""
    return select(CodeList.__table__).where(_CURRENT)


async def find_versions(
    session: AsyncSession, table: type[Versioned], codes: Iterable[str]
) -> dict[tuple[str, str], Row[Any]]:
    """Return every version that these codes ever had."""
    columns = table.__table__  # type: ignore[attr-defined]
    rows = await session.execute(select(columns).where(columns.c.code.in_(list(codes))))
    return {(row.code, row.version): row for row in rows}
