"""A queue whose connections are cut, at the moments that hurt."""

import asyncio
from pathlib import Path

import pytest

from komuna_shared.database import Database
from komuna_shared.settings import ServiceSettings
from tests.databases import ServiceDatabase
from tests.shared.door import a_door
from tests.shared.test_worker import add, until
from tests.shared.worker import until_logged, working

DONE = "select 1 where not exists (select 1 from pgqueuer)"
EAR = "select pid from pg_stat_activity where usename = current_user and query ilike 'listen%'"


class TestNewQueue:
    @pytest.mark.parametrize(
        "words",
        [
            pytest.param(b"information_schema", id="it_looks_at_its_tables"),
            pytest.param(b"DELETE FROM pgqueuer_schedules", id="it_clears_its_schedules"),
            pytest.param(b"LISTEN", id="it_listens"),
            pytest.param(b"next_stale", id="it_takes_jobs"),
            pytest.param(b"execute_after >", id="it_asks_when_to_wake"),
        ],
    )
    async def test_goes_on_when_cut_while(
        self,
        settings: ServiceSettings,
        database: Database,
        notes: ServiceDatabase,
        tmp_path: Path,
        words: bytes,
    ) -> None:
        async with a_door(settings) as (door, through):
            door.cut_after = words
            async with working(through, tmp_path / "log", NOTES_SLEEP="0") as worker:
                async with asyncio.timeout(30):
                    await door.was_cut.wait()
                await add(database, "sleep", "after")
                await until(notes, "select 1 from outbox where aggregate_id = 'after'")
                await until(notes, DONE)
                assert worker.returncode is None

    async def test_hears_of_jobs_again_when_its_ear_was_cut(
        self, settings: ServiceSettings, notes: ServiceDatabase, tmp_path: Path
    ) -> None:
        async with working(settings, tmp_path / "log"):
            await until(notes, EAR)
            [before] = await notes.fetch(EAR)
            await notes.fetch("select pg_terminate_backend($1)", before["pid"])
            await until(notes, f"{EAR} and pid <> {before['pid']}")

    async def test_begins_jobs_after_a_cut_though_another_still_runs(
        self,
        settings: ServiceSettings,
        database: Database,
        notes: ServiceDatabase,
        tmp_path: Path,
    ) -> None:
        log = tmp_path / "log"
        began = "select 1 from outbox where type = 'began' and aggregate_id = '{}'"
        await add(database, "sleep", "long")
        async with (
            a_door(settings) as (door, through),
            working(through, log, NOTES_SLEEP="300") as worker,
        ):
            await until(notes, began.format("long"))
            door.shut()
            await until_logged(log, b"queue_waits", worker)
            door.open()
            await add(database, "sleep", "after")
            await until(notes, began.format("after"))

    async def test_does_a_job_that_could_not_be_given_back_when_the_database_is_back(
        self,
        settings: ServiceSettings,
        database: Database,
        notes: ServiceDatabase,
        tmp_path: Path,
    ) -> None:
        called = asyncio.Event()

        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if not called.is_set():
                called.set()
                # By then the queue waits, and does not notice before it gives the job back.
                await asyncio.sleep(1)
                door.shut()
            writer.close()

        log = tmp_path / "log"
        async with (
            a_door(settings) as (door, through),
            working(through, log) as worker,
            await asyncio.start_server(answer, "127.0.0.1", 0) as server,
        ):
            await add(database, "call", str(server.sockets[0].getsockname()[1]))
            await until_logged(log, b"job_failed", worker)
            # Long enough for the worker to find the door shut when it gives the job back.
            await asyncio.sleep(0.5)
            door.open()
            await until(notes, "select 1 from outbox where type = 'answered'")
            await until(notes, DONE)
