"""The process beside a service's web process: it runs jobs, schedules and the follower."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import asyncpg
import orjson
import uvloop
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.domain.models import Schedule as CronEntry
from sqlalchemy import make_url

from komuna_shared.database import Database, service_error
from komuna_shared.errors import ServiceError, UnavailableError
from komuna_shared.follower import Follower
from komuna_shared.job_queue import AWAY, new_queue
from komuna_shared.jobs import Handler
from komuna_shared.logging import configure, error_of, log
from komuna_shared.retention import FORGETTING
from komuna_shared.settings import ServiceSettings

_LONGEST_STATEMENT = 600
_LAST_WORDS = 2
_AGAIN = timedelta(seconds=5)
_Runner = Callable[[Job | CronEntry], Awaitable[None]]


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
    try:
        uvloop.run(_work(service, settings, jobs, schedules, follower))
    except Exception as error:  # noqa: BLE001 -- Python would print its message.
        log.error("worker_failed", **error_of(error))
        raise SystemExit(1) from None


@dataclass
class _Worker:
    """What runs in this process, and how it is told to end."""

    service: str
    database: Database
    pool: asyncpg.Pool
    jobs: Mapping[str, Handler]
    schedules: Sequence[Schedule]
    stop: asyncio.Event = field(default_factory=asyncio.Event)


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
            for one in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(one, worker.stop.set)
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
        queue = new_queue(worker.service, worker.pool, worker.stop)
        for name, handler in worker.jobs.items():
            run = _runner(worker, name, handler)
            queue.entrypoint(name, on_failure="hold", accepts_context=False)(run)
        for one in (*worker.schedules, *(Schedule(*it) for it in FORGETTING)):
            run = _runner(worker, one.name, one.handler)
            queue.schedule(one.name, one.cron, clean_old=True, accepts_context=False)(run)
        try:
            await queue.run(
                dequeue_timeout=timedelta(seconds=5),
                heartbeat_timeout=timedelta(seconds=3),
                batch_size=5,
            )
        except AWAY as error:
            log.warning("queue_waits", **error_of(error))
            await asyncio.sleep(1)


def _runner(worker: _Worker, name: str, handler: Handler) -> _Runner:
    async def run(one: Job | CronEntry) -> None:
        """Run the handler to its end, or until the process must come to its own."""
        payload = orjson.loads(one.payload or b"{}") if isinstance(one, Job) else {}
        task = asyncio.ensure_future(handler(worker.database, payload))
        end = asyncio.create_task(_last_words(worker.stop))
        await asyncio.wait({task, end}, return_when=asyncio.FIRST_COMPLETED)
        end.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
            # Back into the queue: a cancelled job would be taken for a finished one.
            raise RetryRequested(timedelta(0), "stopped")
        error = task.exception()
        if error is not None:
            log.error("job_failed", job=name, **error_of(error))
            known = error if isinstance(error, ServiceError) else service_error(error)
            if isinstance(known, UnavailableError):
                # Another service or a database is away; what was promised is done when it is back.
                raise RetryRequested(_AGAIN, known.code)
            # Without the first exception as cause or context: its message may hold a name.
            raise JobFailedError(known.code if known else "internal_error")

    return run


async def _last_words(stop: asyncio.Event) -> None:
    await stop.wait()
    await asyncio.sleep(_LAST_WORDS)
