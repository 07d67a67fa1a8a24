"""What makes figures public."""

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared import outbox
from komuna_shared.changes import publish

from .models import Release
from .rules import PUBLISHED_CERTIFICATE, ReleaseTier


async def release_history(session: AsyncSession, import_id: UUID, *, count: int) -> UUID:
    """Release figures that stand in published documents already, and return the release.

    One import makes one release, however many batches it comes in.
    """
    day = datetime.now(UTC).date().isoformat()
    new = insert(Release).values(
        code=f"published-{day}-{import_id.hex[:8]}",
        tier=ReleaseTier.PUBLISHED_ELSEWHERE,
        observation_count=count,
        certificate=PUBLISHED_CERTIFICATE,
        import_id=import_id,
    )
    grown = {"observation_count": Release.observation_count + new.excluded.observation_count}
    upsert = new.on_conflict_do_update(index_elements=["import_id"], set_=grown)
    made = await session.execute(upsert.returning(Release.id, Release.code))
    found = made.one()
    await outbox.emit(session, "release.published", found.code, 1)
    await publish(
        session,
        type="release",
        id=found.code,
        version=1,
        data={"code": found.code, "tier": ReleaseTier.PUBLISHED_ELSEWHERE.value},
    )
    return cast("UUID", found.id)
