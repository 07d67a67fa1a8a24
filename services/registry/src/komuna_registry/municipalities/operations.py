"""What follows when anything about municipalities changes: a new version, and news of it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.clock import today
from komuna_registry.naming import normalise
from komuna_shared.changes import Change, publish_all

from .frame import Entry, Frame, load_frame
from .models import FrameVersion, Municipality


async def tell_changed(session: AsyncSession, slugs: Iterable[str]) -> None:
    """Count a change of these municipalities, and publish them as they are now."""
    changed = sorted(set(slugs))
    await session.execute(
        update(Municipality)
        .where(Municipality.slug.in_(changed))
        .values(version=Municipality.version + 1)
    )
    await renew_frame(session)
    frame = await load_frame(session)
    await publish_all(
        session,
        [
            Change("municipality", slug, frame.entries[slug].row.version, describe(frame, slug))
            for slug in changed
        ],
    )


async def renew_frame(session: AsyncSession) -> None:
    """Have every process read the municipalities and their settlements anew."""
    counted = insert(FrameVersion).values(id=True, version=1)
    await session.execute(
        counted.on_conflict_do_update(
            index_elements=["id"], set_={"version": FrameVersion.version + 1}
        )
    )


def describe(frame: Frame, slug: str) -> dict[str, Any]:
    """Return what followers are told of a municipality."""
    entry = frame.entries[slug]
    certain = entry.presence.certain
    return {
        "slug": slug,
        "names": dict(entry.names),
        "definite_name": entry.definite_name,
        "spellings": _spellings(frame, entry),
        "valid_from": entry.row.valid_from,
        "valid_until": entry.row.valid_until,
        "certain_from": certain.lower.isoformat() if certain.lower else None,
        "certain_until": certain.upper.isoformat() if certain.upper else None,
        "codes": {one.scheme: one.code for one in entry.codes if one.is_verified},
        "regions": [one.code for one in entry.regions],
        "populations": [
            {
                "vintage": one.vintage,
                "method": one.method.value if one.method else None,
                "persons": one.persons,
                "source": one.source,
                "locator": one.locator,
            }
            for one in entry.populations
        ],
    }


def _spellings(frame: Frame, entry: Entry) -> list[str]:
    day = today()
    keys = {normalise(text) for text in entry.names.values()}
    keys |= {normalise(alias.text) for alias in entry.aliases}
    return sorted(
        key
        for key in keys
        if len({one.slug for one in frame.index.spellings[key] if one.presence.on(day)}) == 1
    )
