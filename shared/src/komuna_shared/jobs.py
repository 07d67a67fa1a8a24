"""Work that a request leaves to the worker: enqueued in its transaction, run at least once."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from importlib import resources
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.database import Database, raw

Handler = Callable[[Database, dict[str, Any]], Awaitable[None]]

# PgQueuer's own statement, frozen: importing it takes a web process 0.2 s of CPU at its start.
_ENQUEUE = resources.files("komuna_shared").joinpath("sql", "jobs_1_enqueue.sql").read_text("utf-8")


async def enqueue(
    session: AsyncSession,
    name: str,
    payload: Mapping[str, Any],
    *,
    dedupe_key: str | None = None,
    delay: timedelta = timedelta(0),
) -> bool:
    """Add a job that exists only if this transaction commits; False when its twin is waiting."""
    connection = await raw(session)
    body = orjson.dumps(payload)
    added = await connection.fetch(_ENQUEUE, [0], [name], [body], [delay], [dedupe_key], [None])
    return bool(added)
