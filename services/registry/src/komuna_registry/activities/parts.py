"""How the lists of an activity are replaced: what stays is left alone, so that history is true."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from .models import (
    Activity,
    ActivityEvidence,
    ActivityMunicipality,
    ActivityParticipant,
    ActivityParty,
)
from .writing import ActivityChangeIn, ActivityIn

_Values = Mapping[str, Any]


async def replace_parts(
    session: AsyncSession, activity: Activity, wanted: ActivityIn | ActivityChangeIn
) -> None:
    """Replace each list that the request has."""
    if wanted.municipalities is not None:
        places = [{"municipality": slug} for slug in wanted.municipalities]
        await _replace(session, ActivityMunicipality, activity, places)
    for model, listed in (
        (ActivityParty, wanted.parties),
        (ActivityParticipant, wanted.participants),
        (ActivityEvidence, wanted.evidence),
    ):
        if listed is not None:
            await _replace(session, model, activity, [one.model_dump() for one in listed])


async def _replace(
    session: AsyncSession, model: Any, activity: Activity, wanted: Iterable[_Values]
) -> None:
    table = model.__table__
    new = {tuple(sorted(one.items(), key=_name)): one for one in wanted}
    names = sorted({name for one in new.values() for name in one})
    stored = await session.execute(select(table).where(table.c.activity == activity.code))
    kept = set()
    for row in stored:
        values = tuple((name, getattr(row, name)) for name in names)
        if values in new:
            kept.add(values)
            continue
        key = [column == getattr(row, column.name) for column in table.primary_key]
        await session.execute(delete(table).where(*key))
    added = [one for values, one in new.items() if values not in kept]
    if added:
        cited = {"source": activity.source, "locator": activity.locator}
        rows = [{"activity": activity.code, **cited, **one} for one in added]
        await session.execute(insert(table).values(rows))


def _name(pair: tuple[str, Any]) -> str:
    return pair[0]
