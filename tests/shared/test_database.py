"""Transactions, the reader, the raw connection, and what a caller learns of a database error."""

import asyncio
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from komuna_shared.database import (
    AlreadyExistsError,
    BusyError,
    ConstraintError,
    Database,
    raw,
    service_error,
    translated,
)
from komuna_shared.errors import ServiceError
from tests.databases import ServiceDatabase
from tests.shared.notes.main import MOMENT
from tests.shared.notes.tables import Mood, Note


async def titles(notes: ServiceDatabase) -> list[str]:
    return [row["title"] for row in await notes.fetch("select title from note order by title")]


def note(title: str) -> dict[str, Any]:
    return {"title": title, "written_at": MOMENT}


class TestSession:
    async def test_commits_what_a_route_wrote(
        self, client: AsyncClient, writer: dict[str, str], notes: ServiceDatabase
    ) -> None:
        answer = await client.post("/v1/notes", json={"title": "one"}, headers=writer)

        assert answer.status_code == 201
        assert await titles(notes) == ["one"]

    async def test_rolls_back_when_the_route_raises(
        self, client: AsyncClient, writer: dict[str, str], notes: ServiceDatabase
    ) -> None:
        answer = await client.post("/v1/notes", json={"title": "x", "mood": "sad"}, headers=writer)

        assert (answer.status_code, answer.json()["code"]) == (422, "too_sad")
        assert await titles(notes) == []
        assert await notes.fetch("select 1 from audit_event union select 1 from outbox") == []

    async def test_answers_no_201_when_the_commit_fails(
        self, client: AsyncClient, writer: dict[str, str], notes: ServiceDatabase
    ) -> None:
        # A deferred trigger fails at COMMIT, after the route has returned.
        connection = await asyncpg.connect(notes.admin)
        await connection.execute(
            "create function notes.refuse() returns trigger language plpgsql as "
            "$$ begin raise exception 'no' using errcode = '23514'; end $$;"
            "create constraint trigger late after insert on notes.note "
            "deferrable initially deferred for each row execute function notes.refuse()"
        )
        await connection.close()

        answer = await client.post("/v1/notes", json={"title": "late"}, headers=writer)

        assert (answer.status_code, answer.json()["code"]) == (422, "constraint")
        assert await titles(notes) == []


class TestRaw:
    async def test_is_inside_the_transaction_from_its_first_statement(
        self, database: Database, notes: ServiceDatabase
    ) -> None:
        async with database.sessions() as session:
            connection = await raw(session)
            await connection.execute(
                "insert into note values (gen_random_uuid(), 'gone', 'glad', now(), null, 1)"
            )
            await session.rollback()

        assert await titles(notes) == []

    async def test_is_inside_a_savepoint_that_nothing_has_used_yet(
        self, database: Database, notes: ServiceDatabase
    ) -> None:
        async with database.session() as session:
            await session.execute(insert(Note).values(note("kept")))
            nested = await session.begin_nested()
            connection = await raw(session)
            await connection.execute(
                "insert into note values (gen_random_uuid(), 'gone', 'glad', now(), null, 1)"
            )
            await nested.rollback()

        assert await titles(notes) == ["kept"]


class TestReader:
    async def test_reads_without_a_transaction_and_cannot_write(self, database: Database) -> None:
        async with database.reader() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            await connection.execute(select(Note))
            assert driver is not None
            assert not driver.is_in_transaction()
            with pytest.raises(DBAPIError) as refused:
                await connection.execute(insert(Note).values(note("x")))

        assert refused.value.orig is not None
        assert getattr(refused.value.orig, "sqlstate") == "25006"  # noqa: B009

    async def test_lets_nobody_overtake_whoever_waits(self, notes: ServiceDatabase) -> None:
        served: list[int] = []
        overtaken: list[int] = []

        async def read(database: Database, number: int) -> None:
            for _ in range(10):
                came = len(served)
                async with database.reader() as connection:
                    overtaken.append(len(served) - came)
                    served.append(number)
                    await connection.execute(select(1))

        async with notes.opened(pool_size=2) as database:
            await asyncio.gather(*(read(database, number) for number in range(12)))

        # Before each there were the others, once: nobody who had just been served came first.
        assert max(overtaken) <= 12

    async def test_keeps_a_place_for_what_those_who_read_wait_for(
        self, notes: ServiceDatabase
    ) -> None:
        async with (
            notes.opened(pool_size=1) as database,
            database.reader(),
            database.reader(queues=False) as connection,
        ):
            assert await connection.scalar(select(1)) == 1


class TestColumns:
    async def test_hold_the_values_of_an_enum_as_checked_text(
        self, database: Database, notes: ServiceDatabase
    ) -> None:
        async with database.session() as session:
            session.add(Note(title="x", mood=Mood.SAD_, written_at=MOMENT))
        [row] = await notes.fetch("select mood, pg_typeof(mood)::text as type from note")
        assert (row["mood"], row["type"]) == ("sad", "character varying")

        async with database.sessions() as session:
            wrong = text("insert into note values (gen_random_uuid(),'y','SAD_',now(),null,1)")
            with pytest.raises(IntegrityError):
                await session.execute(wrong)

    async def test_hold_instants_with_their_zone(self, database: Database) -> None:
        async with database.engine.connect() as connection:
            columns = await connection.run_sync(lambda sync: inspect(sync).get_columns("note"))
        [written_at] = [one for one in columns if one["name"] == "written_at"]

        assert written_at["type"].timezone is True  # type: ignore[attr-defined]

    def test_are_named_by_one_convention(self) -> None:
        names = {str(one.name) for one in Note.metadata.tables["note"].constraints}

        assert names == {"pk_note", "uq_note_title", "ck_note_mood"}


class TestServiceError:
    async def test_names_a_duplicate_without_its_value(self, database: Database) -> None:
        with pytest.raises(AlreadyExistsError) as raised:
            await twice(database, "Arta Krasniqi")

        assert "Arta" not in f"{raised.value!r} {raised.value.__context__ is None}"
        assert raised.value.__suppress_context__

    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            ("insert into note values (gen_random_uuid(),'x','blue',now(),1,1)", ConstraintError),
            ("select 99999999999::int", ConstraintError),
            ("select pg_sleep(1)", BusyError),
            ("select pg_terminate_backend(pg_backend_pid())", BusyError),
            ("select 1/0", ConstraintError),
            ("select no_such_column", None),
        ],
    )
    async def test_goes_by_the_state_alone(
        self, database: Database, statement: str, expected: type[ServiceError] | None
    ) -> None:
        assert await problem(database, statement) is expected

    async def test_calls_a_lock_that_is_held_too_long_busy(self, database: Database) -> None:
        async with database.session() as session, database.sessions() as other:
            await session.execute(insert(Note).values(note("x")))
            await other.execute(text("set local lock_timeout = '50ms'"))
            with pytest.raises(BusyError), translated():
                await other.execute(insert(Note).values(note("x")))

    async def test_calls_an_exhausted_pool_busy(self, notes: ServiceDatabase) -> None:
        async with notes.opened(pool_size=1) as database, database.session() as holder:
            await holder.execute(select(1))
            with pytest.raises(BusyError), translated():
                async with database.session() as other:
                    await other.execute(select(1))

    async def test_calls_an_absent_server_busy(self) -> None:
        nowhere = Database("postgresql+asyncpg://nobody:nothing@127.0.0.1:1/none")
        with pytest.raises(BusyError), translated():
            async with nowhere.session() as session:
                await session.execute(select(1))
        await nowhere.close()


async def twice(database: Database, title: str) -> None:
    with translated():
        async with database.session() as session:
            for _ in range(2):
                await session.execute(insert(Note).values(note(title)))


async def problem(database: Database, statement: str) -> type[ServiceError] | None:
    async with database.sessions() as session:
        await session.execute(text("set local statement_timeout = '50ms'"))
        with pytest.raises(DBAPIError) as raised:
            await session.execute(text(statement))
    found = service_error(raised.value)
    return type(found) if found else None
