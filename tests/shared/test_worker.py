"""Jobs: enqueued with their transaction, run by a process that stops cleanly."""

import asyncio
import signal
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from pgqueuer.adapters.persistence import schema_ddl
from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from pydantic import SecretStr

from komuna_shared.database import Database
from komuna_shared.job_queue import queue_settings
from komuna_shared.jobs import enqueue
from komuna_shared.settings import ServiceSettings
from tests.databases import ServiceDatabase
from tests.shared.worker import until_logged, working

CANARY = "Shpresa Kelmendi"


async def add(database: Database, name: str, payload: str = "x", key: str | None = None) -> bool:
    async with database.session() as session:
        return await enqueue(session, name, {"name": payload}, dedupe_key=key)


async def until(notes: ServiceDatabase, statement: str) -> None:
    async with asyncio.timeout(30):
        while True:
            if await notes.fetch(statement):
                return
            await asyncio.sleep(0.05)


class TestEnqueue:
    async def test_vanishes_with_its_transaction(
        self, database: Database, notes: ServiceDatabase
    ) -> None:
        async with database.sessions() as session:
            await enqueue(session, "sleep", {"name": "x"})
            await session.rollback()

        assert await notes.fetch("select 1 from pgqueuer") == []

    async def test_adds_a_waiting_job_once(
        self, database: Database, notes: ServiceDatabase
    ) -> None:
        added = [await add(database, "sleep", key="one") for _ in range(2)]

        assert added == [True, False]
        assert len(await notes.fetch("select 1 from pgqueuer")) == 1


class TestQueueSettings:
    def test_takes_no_name_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ours = queue_settings("registry")
        for name in type(ours).model_fields:
            monkeypatch.setenv(f"PGQUEUER_{name.upper()}", "stray")
            monkeypatch.setenv(name.upper(), "stray")

        assert queue_settings("registry") == ours
        assert ours.channel == "ch_registry_jobs"


class TestFrozenStatements:
    def test_are_what_the_library_would_write(self) -> None:
        sql = resources.files("komuna_shared") / "sql"
        settings = queue_settings("registry")
        install = schema_ddl.render_install(settings, create_schema=False)
        add = QueryQueueBuilder(settings).build_enqueue_query("skip")

        for name, ours in (("jobs_1", install), ("jobs_1_enqueue", add)):
            _, _, frozen = (sql / f"{name}.sql").read_text("utf-8").partition("\n")
            assert frozen.replace("{service}", "registry").split() == ours.split()

    def test_spare_the_web_process_the_library(self) -> None:
        asked = (
            "import sys, komuna_shared.imports, komuna_shared.exports;"
            "print('pgqueuer' in sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", asked], capture_output=True, text=True, check=True
        )

        assert done.stdout == "False\n"


class TestRunWorker:
    async def test_stops_at_once_and_cleanly_when_told_to(
        self, settings: ServiceSettings, tmp_path: Path
    ) -> None:
        async with working(settings, tmp_path / "log") as worker:
            worker.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(worker.wait(), 20) == 0

        assert "worker_stopped" in (tmp_path / "log").read_text()

    async def test_ends_without_a_word_of_the_database_when_it_cannot_begin(
        self, settings: ServiceSettings, tmp_path: Path
    ) -> None:
        nowhere = SecretStr("postgresql+asyncpg://nobody:hidden-word@127.0.0.1:1/none")
        alone = settings.model_copy(update={"database_url": nowhere})
        with pytest.raises(AssertionError, match="has ended"):
            async with working(alone, tmp_path / "log"):
                pass

        log = (tmp_path / "log").read_text()
        assert "worker_failed" in log
        assert "hidden-word" not in log
        assert "Traceback" not in log

    async def test_cuts_a_long_job_off_and_runs_it_again_later(
        self,
        settings: ServiceSettings,
        database: Database,
        notes: ServiceDatabase,
        tmp_path: Path,
    ) -> None:
        await add(database, "sleep", "long")
        began = "select 1 from outbox where type = 'began' having count(*) >= {}"
        async with working(settings, tmp_path / "log") as worker:
            await until(notes, began.format(1))
            worker.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(worker.wait(), 20) == 0
        async with working(settings, tmp_path / "log2", NOTES_SLEEP="0"):
            await until(notes, began.format(2))
            await until(notes, "select 1 where not exists (select 1 from pgqueuer)")

    async def test_keeps_a_failed_job_and_nothing_of_its_message(
        self,
        settings: ServiceSettings,
        database: Database,
        notes: ServiceDatabase,
        tmp_path: Path,
    ) -> None:
        await add(database, "fail", CANARY)
        async with working(settings, tmp_path / "log"):
            await until(notes, "select 1 from pgqueuer where status = 'failed'")
            await until(notes, "select 1 from pgqueuer_log where traceback is not null")

        [row] = await notes.fetch(
            "select string_agg(pgqueuer_log::text, '') as it from pgqueuer_log"
        )
        assert "internal_error" in row["it"]
        assert CANARY not in row["it"]
        log = (tmp_path / "log").read_text()
        assert "job_failed" in log
        assert CANARY not in log

    async def test_does_a_job_when_what_it_needs_is_back(
        self,
        settings: ServiceSettings,
        database: Database,
        notes: ServiceDatabase,
        tmp_path: Path,
        free_tcp_port: int,
    ) -> None:
        await add(database, "call", str(free_tcp_port))
        async with working(settings, tmp_path / "log") as worker:
            await until_logged(tmp_path / "log", b"job_failed", worker)
            server = await asyncio.start_server(lambda _, out: out.close(), port=free_tcp_port)
            async with server:
                await until(notes, "select 1 from outbox where type = 'answered'")
                await until(notes, "select 1 where not exists (select 1 from pgqueuer)")

    async def test_goes_on_after_its_connections_were_cut(
        self,
        settings: ServiceSettings,
        database: Database,
        notes: ServiceDatabase,
        tmp_path: Path,
    ) -> None:
        async with working(settings, tmp_path / "log", NOTES_SLEEP="0") as worker:
            await notes.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where usename = current_user and pid <> pg_backend_pid()"
            )
            await database.close()
            await add(database, "sleep", "after")
            await until(notes, "select 1 from outbox where aggregate_id = 'after'")
            assert worker.returncode is None
