"""How many buildings are accessible on a day, by kind and municipality, from what is registered."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.tables import Statement
from komuna_shared.database import Record

from . import rules
from .models import Facility, FacilitySurvey
from .queries import Wanted, check_wanted
from .rules import Access, Share, Surveyed


class Breakdown(StrEnum):
    """By what buildings are counted."""

    KIND = "kind"
    MUNICIPALITY = "municipality"


Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of each group of buildings, of all, and how many may have stood on the day."""

    groups: dict[Values, Share]
    total: Share
    possible: int


async def count_shares(
    connection: AsyncConnection, wanted: Wanted, by: Sequence[Breakdown], as_of: date
) -> Shares:
    """Return how many of the buildings that certainly stood on the day are accessible."""
    facilities = await _standing(connection, wanted, as_of)
    await check_wanted(connection, facilities, wanted)
    certain = [row for row in facilities if row.is_certain]
    surveyed = await _surveyed(connection, [row.code for row in certain])
    groups: defaultdict[Values, list[Access]] = defaultdict(list)
    judged: list[Access] = []
    for row in certain:
        access = rules.find_access(surveyed[row.code], as_of).access
        judged.append(access)
        groups[tuple(str(getattr(row, one)) for one in by)].append(access)
    return Shares(
        {values: rules.count_share(group) for values, group in groups.items()},
        rules.count_share(judged),
        len(facilities) - len(certain),
    )


def as_json(share: Share) -> dict[str, Any]:
    """Return a share with its parts, and why it is null where it is."""
    return {
        "facility_count": share.facilities,
        "judged_count": share.judged,
        "accessible_count": share.accessible,
        "partly_count": share.partly,
        "not_count": share.inaccessible,
        "unknown_count": share.unknown,
        "share": share.percent,
        "unit": "percent",
        "status": "A" if share.judged else "L",
        "reason": None if share.judged else "nothing_judged",
    }


async def _standing(connection: AsyncConnection, wanted: Wanted, as_of: date) -> Sequence[Record]:
    table = Facility.__table__.c
    rows: Statement = select(
        table.code,
        table.kind,
        table.municipality,
        table.certain.contains(as_of).label("is_certain"),
    ).where(table.possible.contains(as_of), table.is_synthetic.is_(wanted.is_synthetic))
    if wanted.kind:
        rows = rows.where(table.kind.in_(wanted.kind))
    if wanted.municipality:
        rows = rows.where(table.municipality.in_(wanted.municipality))
    return (await connection.execute(rows.order_by(table.code))).all()


async def _surveyed(
    connection: AsyncConnection, codes: Sequence[str]
) -> defaultdict[str, list[Surveyed]]:
    table = FacilitySurvey.__table__.c
    rows = await connection.execute(
        select(table.facility, table.access, table.first_day, table.last_day).where(
            table.facility.in_(codes)
        )
    )
    said: defaultdict[str, list[Surveyed]] = defaultdict(list)
    for row in rows:
        said[row.facility].append(Surveyed(row.access, row.first_day, row.last_day))
    return said
