"""What followers of the feed are told of buildings: each whole, with its surveys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.changes import Change, publish_all

from . import queries
from .models import Facility
from .queries import FacilityFound, SurveyFound


async def tell_facilities(session: AsyncSession, codes: Sequence[str]) -> dict[str, int]:
    """Count a change of these buildings, publish them, and return their versions."""
    await session.execute(
        update(Facility).where(Facility.code.in_(codes)).values(version=Facility.version + 1)
    )
    found = await queries.load_facilities(session, codes)
    await publish_all(session, [describe(one) for one in found])
    return {one.row.code: one.row.version for one in found}


def describe(found: FacilityFound) -> Change:
    """Return a building as the feed tells it."""
    row = found.row
    return Change(
        "facility",
        row.code,
        row.version,
        {
            "code": row.code,
            "municipality": row.municipality,
            "kind": row.kind.value,
            "names": row.names,
            "settlement": row.settlement,
            "is_synthetic": row.is_synthetic,
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
            "source": row.source,
            "locator": row.locator,
            "surveys": [_survey(one) for one in found.surveys],
        },
    )


def _survey(found: SurveyFound) -> dict[str, Any]:
    row = found.row
    names = ("surveyed_on", "commission", "decision", "follow_up", "source", "locator")
    return {
        "id": str(row.id),
        "access": row.access.value,
        **{name: getattr(row, name) for name in names},
        **{
            name: day.isoformat() if (day := getattr(row, name)) else None
            for name in ("decided_on", "follow_up_due_on", "followed_up_on")
        },
        "findings": [
            {
                "criterion": one.criterion,
                "result": one.result.value,
                "barrier": one.barrier,
                "recommendation": one.recommendation,
            }
            for one in found.findings
        ],
    }
