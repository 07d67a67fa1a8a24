"""The audit row stands and falls with its effect."""

import asyncio
import os
import signal
import sys

import asyncpg
import pytest
from httpx import AsyncClient

from komuna_shared import audit
from komuna_shared.database import BusyError, Database, translated
from tests.databases import ServiceDatabase

KILLED_BEFORE_COMMIT = """
import asyncio, os, sys
from sqlalchemy import insert
from komuna_shared import audit
from komuna_shared.database import Database
from tests.shared.notes.main import MOMENT
from tests.shared.notes.tables import Note

async def main():
    database = Database(sys.argv[1])
    async with database.session() as session:
        await session.execute(insert(Note).values(title="half", written_at=MOMENT))
        await audit.record(
            session, None, action="note.written", subject_type="note", subject_id="half"
        )
        print("written", flush=True)
        if sys.argv[2] == "wait":
            await asyncio.sleep(60)

asyncio.run(main())
"""


async def start(notes: ServiceDatabase, how: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED_BEFORE_COMMIT, notes.url, how, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"written\n"
    return process


async def count(notes: ServiceDatabase) -> tuple[int, int]:
    [row] = await notes.fetch(
        "select (select count(*) from note) as notes, (select count(*) from audit_event) as events"
    )
    return row["notes"], row["events"]


async def record_and_be_cut_off(database: Database, notes: ServiceDatabase) -> None:
    async with database.session() as session:
        await audit.record(session, None, action="x", subject_type="note", subject_id="1")
        admin = await asyncpg.connect(notes.admin)
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where usename = 'notes_app' and datname = current_database()"
        )
        await admin.close()


class TestRecord:
    async def test_names_who_did_what_to_which_in_which_request(
        self, client: AsyncClient, writer: dict[str, str], notes: ServiceDatabase
    ) -> None:
        answer = await client.post("/v1/notes", json={"title": "one"}, headers=writer)

        [row] = await notes.fetch("select * from audit_event")
        assert (row["subject"], row["client_id"]) == ("writer-1", "tests")
        assert (row["action"], row["subject_type"]) == ("note.written", "note")
        assert row["subject_id"] == answer.json()["id"]
        assert row["trace_id"] == answer.headers["request-id"]

    async def test_keeps_both_when_the_process_lives(self, notes: ServiceDatabase) -> None:
        process = await start(notes, "end")
        assert await process.wait() == 0

        assert await count(notes) == (1, 1)

    async def test_leaves_neither_when_the_process_is_killed_before_the_commit(
        self, notes: ServiceDatabase
    ) -> None:
        process = await start(notes, "wait")
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()

        assert await count(notes) == (0, 0)

    async def test_leaves_neither_when_the_connection_is_cut_before_the_commit(
        self, database: Database, notes: ServiceDatabase
    ) -> None:
        with pytest.raises(BusyError), translated():
            await record_and_be_cut_off(database, notes)

        assert await count(notes) == (0, 0)

    async def test_stays_as_it_was_recorded(
        self, client: AsyncClient, writer: dict[str, str], notes: ServiceDatabase
    ) -> None:
        await client.post("/v1/notes", json={"title": "one"}, headers=writer)

        for statement in ("update audit_event set action = 'x'", "delete from audit_event"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await notes.fetch(statement)
        owner = await asyncpg.connect(notes.admin)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.execute("delete from notes.audit_event")
        await owner.close()
