"""Which rows of a file are news: not those that their sender said before and others changed since.

A file that is loaded again, as `make run` does at each start, leaves alone what an officer recorded
meanwhile; a row that says something else than its sender said last is written as it stands.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.kept import KEPT, UNTOLD
from komuna_registry.tables import Base

_OLD = text(
    """
    WITH sent AS (
        SELECT (one ->> 'place')::int AS place, one ->> 'record' AS record,
            one -> 'key' AS key, one -> 'said' AS said
        FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS one
    ), asked AS (
        SELECT CAST(:untold AS text[]) AS untold, (
            SELECT account.id FROM account JOIN import_job USING (issuer, subject)
            WHERE import_job.id = :import_id
        ) AS sender
    )
    SELECT sent.place FROM sent
    CROSS JOIN LATERAL (
        SELECT c.id FROM record_change c, asked
        WHERE c.record_type = :type AND c.record_id = sent.record AND c.part = :part
            AND coalesce(c.after, c.before) @> sent.key
            AND c.before - untold IS DISTINCT FROM c.after - untold
        ORDER BY c.id DESC LIMIT 1
    ) latest
    CROSS JOIN LATERAL (
        SELECT c.id, c.after FROM record_change c, asked
        WHERE c.record_type = :type AND c.record_id = sent.record AND c.part = :part
            AND coalesce(c.after, c.before) @> sent.key
            AND c.before - untold IS DISTINCT FROM c.after - untold
            AND c.via LIKE 'import:%' AND c.account IS NOT DISTINCT FROM sender
        ORDER BY c.id DESC LIMIT 1
    ) told
    WHERE told.id <> latest.id AND NOT EXISTS (
        SELECT FROM jsonb_each(sent.said) AS cell
        WHERE cell.value IS DISTINCT FROM coalesce(told.after -> cell.key, 'null')
    )
    """
)


async def find_old(
    session: AsyncSession,
    import_id: UUID,
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str],
) -> set[int]:
    """Return the places of rows that say what their sender said last, where that was changed."""
    kept = next((one for one in KEPT if one.table == model.__tablename__), None)
    if kept is None or not rows or kept.column not in rows[0]:
        return set()
    sent = [
        {
            "place": place,
            "record": str(row[kept.column]),
            "key": {name: row[name] for name in keys},
            "said": {name: value for name, value in row.items() if name not in UNTOLD},
        }
        for place, row in enumerate(rows)
    ]
    found = await session.execute(
        _OLD,
        {
            "rows": json.dumps(sent, default=str),
            "import_id": import_id,
            "type": kept.type,
            "part": kept.table,
            "untold": sorted(UNTOLD),
        },
    )
    return set(found.scalars())
