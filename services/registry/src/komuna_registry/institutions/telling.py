"""What followers are told of institutions, as they are after a change."""

from collections.abc import Iterable

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.changes import Change, publish_all

from . import queries
from .models import Institution
from .rules import NameForm


async def tell_changed(session: AsyncSession, codes: Iterable[str]) -> list[queries.Said]:
    """Count a change of these institutions, publish them as they are now, and return them."""
    changed = sorted(set(codes))
    await session.execute(
        update(Institution)
        .where(Institution.code.in_(changed))
        .values(version=Institution.version + 1)
    )
    said = await queries.load_institutions(session, changed)
    await publish_all(session, [_describe(one) for one in said])
    return said


def _describe(said: queries.Said) -> Change:
    row = said.row
    return Change(
        "institution",
        row.code,
        row.version,
        {
            "code": row.code,
            "kind": row.kind.value,
            "names": row.names,
            "abbreviations": [one.text for one in said.names if one.form is NameForm.ABBREVIATION],
            "municipality": row.municipality,
            "parents": [one.parent for one in said.parents],
            "predecessors": [one.predecessor for one in said.predecessors],
            "successors": [one.successor for one in said.successors],
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
        },
    )
