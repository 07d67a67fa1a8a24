"""Until when something was open, whose past nobody is told since it is confidential."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from .models import RecordChange


async def find_last_open(connection: AsyncConnection, record: tuple[str, str]) -> UUID | None:
    """Return the last change of something that had not been confidential until then."""
    last = (
        select(RecordChange.id)
        .where(
            RecordChange.record_type == record[0],
            RecordChange.record_id == record[1],
            RecordChange.part == record[0],
            RecordChange.before["is_confidential"].astext == "false",
        )
        .order_by(RecordChange.id.desc())
        .limit(1)
    )
    found: UUID | None = (await connection.execute(last)).scalar_one_or_none()
    return found
