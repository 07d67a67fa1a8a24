"""The process beside a service's web process: it runs jobs, schedules and the follower."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import uvloop
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.core.applications import PgQueuer
from pgqueuer.domain.models import Job
from pgqueuer.domain.models import Schedule as CronEntry
from sqlalchemy import make_url

from komuna_shared.database import Database
from komuna_shared.follower import Follower
from komuna_shared.jobs import Handler, queries, queue_settings
from komuna_shared.logging import configure, error_of, log
from komuna_shared.retention import FORGETTING
from komuna_shared.settings import ServiceSettings

_LONGEST_STATEMENT = 600
_LAST_WORDS = 3


@dataclass(frozen=True)
class Schedule:
    """A handler that runs by the clock, on one of all workers; `cron` has five fields."""

    name: str
    cron: str
    handler: Handler


class JobFailedError(Exception):
    """A job failed; only its code is kept, since the queue writes messages into its log."""


def run_worker(
    service: str,
    settings: ServiceSettings,
    *,
    jobs: Mapping[str, Handler],
    schedules: Sequence[Schedule] = (),
    follower: Callable[[Database], Follower] | None = None,
) -> None:
    """Work until SIGTERM or SIGINT."""
    configure(service, settings.log_level)
    uvloop.run(_work(service, settings, jobs, [*schedules, *_shared()], follower))


def _shared() -> list[Schedule]:
    return [Schedule(name, cron, handler) for name, cron, handler in FORGETTING]


async def _work(
    service: str,
    settings: ServiceSettings,
    jobs: Mapping[str, Handler],
    schedules: Sequence[Schedule],
    make_follower: Callable[[Database], Follower] | None,
) -> None:
    url = settings.database_url.get_secret_value()
    database = Database(url, pool_size=5, statement_timeout=_LONGEST_STATEMENT, service=service)
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        async with asyncpg.create_pool(plain, min_size=2, max_size=5) as pool:
            queue = _queue(service, pool, database, jobs, schedules)
            _stop_on_signals(queue.shutdown)
            log.info("worker_started", count=len(jobs))
            running = [asyncio.create_task(_run_queue(queue))]
            if make_follower is not None:
                following = make_follower(database).run(queue.shutdown)
                running.append(asyncio.create_task(following))
            await _until_stopped(running, queue.shutdown)
            log.info("worker_stopped")
    finally:
        await database.close()


async def _run_queue(queue: PgQueuer) -> None:
    await queue.run(
        dequeue_timeout=timedelta(seconds=5), heartbeat_timeout=timedelta(seconds=3), batch_size=5
    )


def _queue(
    service: str,
    pool: asyncpg.Pool,
    database: Database,
    jobs: Mapping[str, Handler],
    schedules: Sequence[Schedule],
) -> PgQueuer:
    settings = queue_settings(service)
    driver = AsyncpgPoolDriver(pool)
    queue = PgQueuer(connection=driver, channel=settings.channel, queries=queries(driver, settings))
    for name, handler in jobs.items():
        queue.entrypoint(name, on_failure="hold", accepts_context=False)(
            _job(name, handler, database)
        )
    for one in schedules:
        queue.schedule(one.name, one.cron, clean_old=True, accepts_context=False)(
            _scheduled(one, database)
        )
    return queue


def _job(name: str, handler: Handler, database: Database) -> Callable[[Job], Awaitable[None]]:
    async def run(job: Job) -> None:
        payload: dict[str, Any] = orjson.loads(job.payload or b"{}")
        await _quietly(name, handler, database, payload)

    return run


def _scheduled(schedule: Schedule, database: Database) -> Callable[[CronEntry], Awaitable[None]]:
    async def run(_: CronEntry) -> None:
        await _quietly(schedule.name, schedule.handler, database, {})

    return run


async def _quietly(
    name: str, handler: Handler, database: Database, payload: dict[str, Any]
) -> None:
    try:
        await handler(database, payload)
    except Exception as error:  # noqa: BLE001 -- whatever it was, its message may hold a name.
        log.error("job_failed", job=name, **error_of(error))
        code = getattr(error, "code", "internal_error")
    else:
        return
    # Raised outside the handler, so that the first exception is not even its context.
    raise JobFailedError(code)


def _stop_on_signals(shutdown: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, shutdown.set)


async def _until_stopped(running: list[asyncio.Task[None]], shutdown: asyncio.Event) -> None:
    """Wait for the signal; what has not ended soon after is cut off and will run again."""
    stopped = asyncio.create_task(shutdown.wait())
    await asyncio.wait([*running, stopped], return_when=asyncio.FIRST_COMPLETED)
    shutdown.set()
    await asyncio.wait(running, timeout=_LAST_WORDS)
    for task in (*running, stopped):
        task.cancel()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
