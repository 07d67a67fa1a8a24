"""What followers of the feed are told of activities: each whole."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.changes import Change, publish_all

from . import queries
from .models import Activity
from .queries import ActivityFound


async def tell_activities(session: AsyncSession, codes: Sequence[str]) -> dict[str, int]:
    """Count a change of these activities, publish them, and return their versions."""
    await session.execute(
        update(Activity).where(Activity.code.in_(codes)).values(version=Activity.version + 1)
    )
    found = await queries.load_activities(session, codes)
    await publish_all(session, [describe(one) for one in found])
    return {one.row.code: one.row.version for one in found}


def describe(found: ActivityFound) -> Change:
    """Return an activity as the feed tells it."""
    row = found.row
    names = ("code", "names", "topic", "period", "note", "keeper")
    plain = (*names, "is_synthetic", "source", "locator")
    return Change(
        "activity",
        row.code,
        row.version,
        {
            **{name: getattr(row, name) for name in plain},
            "kind": row.kind.value,
            "extent": row.extent.value,
            "municipalities": [one.municipality for one in found.municipalities],
            "parties": [
                {
                    "part": one.part.value,
                    "institution": one.institution,
                    "municipality": one.municipality,
                    "name": one.name,
                }
                for one in found.parties
            ],
            "participants": [
                {
                    "sex": one.sex.value if one.sex else None,
                    "community": one.community,
                    "persons": one.persons,
                    "status": one.status.value,
                }
                for one in found.participants
            ],
            "evidence": [{"url": one.url, "title": one.title} for one in found.evidence],
        },
    )
