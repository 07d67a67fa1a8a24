"""Work that a request leaves to the worker: enqueued in its transaction, run at least once."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.ports.driver import Driver
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.database import Database, raw

Handler = Callable[[Database, dict[str, Any]], Awaitable[None]]


def queue_settings(service: str) -> DBSettings:
    """Return every name of the queue: one left out would come from a stray variable."""
    return DBSettings(
        prefix="",
        db_schema=None,
        channel=f"ch_{service}_jobs",
        function="fn_pgqueuer_changed",
        statistics_table="pgqueuer_statistics",
        queue_status_type="pgqueuer_status",
        queue_table="pgqueuer",
        queue_table_log="pgqueuer_log",
        trigger="tg_pgqueuer_changed",
        schedules_table="pgqueuer_schedules",
        durability=Durability.durable,
        widen_id=True,
    )


def queries(driver: Driver, settings: DBSettings) -> Queries:
    """Return PgQueuer's statements over a driver, with our names."""
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(settings),
        qbq=QueryQueueBuilder(settings),
        qbs=QuerySchedulerBuilder(settings),
    )


# Jobs are announced by a trigger, which knows the service's channel; enqueuing needs only tables.
_ENQUEUE = queue_settings("any")


async def enqueue(
    session: AsyncSession,
    name: str,
    payload: Mapping[str, Any],
    *,
    dedupe_key: str | None = None,
    delay: timedelta | None = None,
) -> bool:
    """Add a job that exists only if this transaction commits; False when its twin is waiting."""
    driver = AsyncpgDriver(await raw(session))
    added = await queries(driver, _ENQUEUE).enqueue(
        name,
        orjson.dumps(payload),
        execute_after=delay,
        dedupe_key=dedupe_key,
        on_conflict="skip",
    )
    return added[0] is not None
