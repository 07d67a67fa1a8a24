"""The process beside a service's web process: it runs jobs, schedules and the follower."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import uvloop
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.core.applications import PgQueuer
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.domain.models import Schedule as CronEntry
from sqlalchemy import make_url

from komuna_shared.database import Database, service_error
from komuna_shared.errors import ServiceError, UnavailableError
from komuna_shared.follower import Follower
from komuna_shared.job_queue import queries, queue_settings
from komuna_shared.jobs import Handler
from komuna_shared.logging import configure, error_of, log
from komuna_shared.retention import FORGETTING
from komuna_shared.settings import ServiceSettings

_LONGEST_STATEMENT = 600
_LAST_WORDS = 2
_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True)
class Schedule:
    """A handler that runs by the clock, on one of all workers; `cron` has five fields."""

    name: str
    cron: str
    handler: Handler


class JobFailedError(Exception):
    """A job failed; only its code is kept, since the queue writes messages into its log."""


class JobTooEarlyError(JobFailedError):
    """What a job needs is away for now: the same job may succeed later."""


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
    try:
        uvloop.run(_work(service, settings, jobs, [*schedules, *_shared()], follower))
    except Exception as error:  # noqa: BLE001 -- Python would print its message.
        log.error("worker_failed", **error_of(error))
        raise SystemExit(1) from None


def _shared() -> list[Schedule]:
    return [Schedule(name, cron, handler) for name, cron, handler in FORGETTING]


@dataclass
class _Worker:
    """What runs in this process, and how it is told to end."""

    service: str
    database: Database
    pool: asyncpg.Pool
    jobs: Mapping[str, Handler]
    schedules: Sequence[Schedule]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    cut_off: asyncio.Event = field(default_factory=asyncio.Event)


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
            worker = _Worker(service, database, pool, jobs, schedules)
            _stop_on_signals(worker)
            log.info("worker_started", count=len(jobs))
            async with asyncio.TaskGroup() as running:
                running.create_task(_run_queue(worker))
                if make_follower is not None:
                    running.create_task(make_follower(database).run(worker.stop))
            log.info("worker_stopped")
    finally:
        await database.close()


async def _run_queue(worker: _Worker) -> None:
    """Run jobs until told to stop; a database that went away is waited for."""
    while not worker.stop.is_set():
        queue = _queue(worker)
        stopping = asyncio.create_task(_pass_on(worker.stop, queue.shutdown))
        try:
            await queue.run(
                dequeue_timeout=timedelta(seconds=5),
                heartbeat_timeout=timedelta(seconds=3),
                batch_size=5,
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("queue_waits", **error_of(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(worker.stop.wait(), 1)
        finally:
            stopping.cancel()


async def _pass_on(stop: asyncio.Event, shutdown: asyncio.Event) -> None:
    await stop.wait()
    shutdown.set()


def _queue(worker: _Worker) -> PgQueuer:
    settings = queue_settings(worker.service)
    driver = AsyncpgPoolDriver(worker.pool)
    queue = PgQueuer(connection=driver, channel=settings.channel, queries=queries(driver, settings))
    for name, handler in worker.jobs.items():
        queue.entrypoint(name, on_failure="hold", accepts_context=False)(
            _job(worker, name, handler)
        )
    for one in worker.schedules:
        queue.schedule(one.name, one.cron, clean_old=True, accepts_context=False)(
            _scheduled(worker, one)
        )
    return queue


def _job(worker: _Worker, name: str, handler: Handler) -> Callable[[Job], Awaitable[None]]:
    async def run(job: Job) -> None:
        payload: dict[str, Any] = orjson.loads(job.payload or b"{}")
        try:
            is_done = await _run(worker, name, handler, payload)
        except JobTooEarlyError as early:
            # Another service or a database is away; what was promised is done when it is back.
            raise RetryRequested(_AGAIN, str(early)) from None
        if not is_done:
            # Back into the queue: a cancelled job would be taken for a finished one.
            raise RetryRequested(timedelta(0), "stopped")

    return run


def _scheduled(worker: _Worker, schedule: Schedule) -> Callable[[CronEntry], Awaitable[None]]:
    async def run(_: CronEntry) -> None:
        await _run(worker, schedule.name, schedule.handler, {})

    return run


async def _run(worker: _Worker, name: str, handler: Handler, payload: dict[str, Any]) -> bool:
    """Run a handler; tell whether it came to its end before the process must."""
    task = asyncio.ensure_future(handler(worker.database, payload))
    end = asyncio.create_task(worker.cut_off.wait())
    await asyncio.wait({task, end}, return_when=asyncio.FIRST_COMPLETED)
    end.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
        return False
    error = task.exception()
    if error is not None:
        log.error("job_failed", job=name, **error_of(error))
        known = error if isinstance(error, ServiceError) else service_error(error)
        kind = JobTooEarlyError if isinstance(known, UnavailableError) else JobFailedError
        # Without the first exception as cause or context: its message may hold a name.
        raise kind(known.code if known else "internal_error")
    return True


def _stop_on_signals(worker: _Worker) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        worker.stop.set()
        loop.call_later(_LAST_WORDS, worker.cut_off.set)

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop)
