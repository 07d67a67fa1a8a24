"""The job queue under the names of one service, for its worker, over connections that are cut."""

import asyncio
from contextlib import suppress
from typing import Any

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver, Relay
from pgqueuer.adapters.persistence import qb
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.applications import PgQueuer
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.ports.driver import NotifyCallback

from komuna_shared.logging import error_of, log

AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What a lost connection raises; asyncpg's own confusion, too, where a farewell came early."""


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


class _Driver(AsyncpgPoolDriver):
    """Asks and listens again: a queue that fails begins no job until all it runs have ended."""

    def __init__(self, pool: asyncpg.Pool, stop: asyncio.Event) -> None:
        super().__init__(pool)
        self._stop = stop
        self._heard: tuple[str, NotifyCallback] | None = None

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        while True:
            try:
                await self._listen()
                return await super().fetch(query, *args)
            except AWAY as error:
                if self._stop.is_set():
                    raise
                log.warning("queue_waits", **error_of(error))
                await asyncio.sleep(1)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        self._heard = channel, callback  # The next question listens first.

    async def _listen(self) -> None:
        async with self._lock:
            if self._heard is not None and self._listener_connection is None:
                ear = self._listener_connection = await self._pool.acquire()
                ear.add_termination_listener(self._go_deaf)
                await ear.add_listener(self._heard[0], Relay(self._heard[1]))

    def _go_deaf(self, _: object) -> None:
        self._listener_connection = None


class _Queries(Queries):
    async def retry_job(self, *job: Any) -> None:
        # Else the job would fail for good; without a heartbeat it is picked again.
        with suppress(*AWAY):
            await super().retry_job(*job)


def new_queue(service: str, pool: asyncpg.Pool, stop: asyncio.Event) -> PgQueuer:
    """Return the queue of a service, without jobs yet, which ends when told to stop."""
    names = queue_settings(service)
    queries = _Queries(
        _Driver(pool, stop),
        qbe=qb.QueryBuilderEnvironment(names),
        qbq=qb.QueryQueueBuilder(names),
        qbs=qb.QuerySchedulerBuilder(names),
    )
    queue = PgQueuer(queries.driver, names.channel, queries=queries)
    # One manager that fails is no reason to stop the worker: the queue then cancels the other.
    queue.qm.shutdown = queue.sm.shutdown = stop
    return queue
