"""Events that leave the service after the change they tell of is committed."""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared import tables

_EMIT = insert(tables.outbox)


async def emit(session: AsyncSession, type_: str, aggregate_id: str, version: int) -> None:
    """Note a thin event, which exists only if the change beside it is committed."""
    await session.execute(_EMIT, {"type": type_, "aggregate_id": aggregate_id, "version": version})
