"""What makes figures public."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators import periods
from komuna_indicators.periods import Period
from komuna_shared import outbox
from komuna_shared.changes import publish

from .models import Release, ReleaseSubmission
from .rules import POSTS_CERTIFICATE, PUBLISHED_CERTIFICATE, ReleaseTier


@dataclass(frozen=True, slots=True)
class Published:
    """The reports that one release makes public, and of how many reporters they are."""

    obligation: str
    period: Period
    number: int
    is_synthetic: bool
    coverage: tuple[int, int]
    observation_count: int

    @property
    def code(self) -> str:
        """Return the code of the release: the third of a period says so."""
        return f"{self.obligation}-{periods.code(self.period)}-{self.number}"


async def release_reports(
    session: AsyncSession, published: Published, submissions: Sequence[UUID]
) -> UUID:
    """Release verified reports exactly, in tier 0; Postgres moves them to `published`."""
    count, of = published.coverage
    new = plain_insert(Release).values(
        code=published.code,
        tier=ReleaseTier.POSTS,
        obligation=published.obligation,
        period_from=published.period.start,
        period_to=published.period.end,
        number=published.number,
        is_synthetic=published.is_synthetic,
        coverage_count=count,
        coverage_of=of,
        observation_count=published.observation_count,
        certificate=POSTS_CERTIFICATE,
    )
    release = (await session.execute(new.returning(Release.id))).scalar_one()
    rows = [{"release_id": release, "submission_id": one} for one in submissions]
    await session.execute(plain_insert(ReleaseSubmission), rows)
    await outbox.emit(session, "release.published", published.code, 1)
    await publish(
        session,
        type="release",
        id=published.code,
        version=1,
        data={
            "code": published.code,
            "tier": ReleaseTier.POSTS.value,
            "is_synthetic": published.is_synthetic,
        },
    )
    return release


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
