"""The worker's own login: what it may do, that this is enough, and that it is all."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from komuna_shared import worker as shared_worker
from komuna_shared.database import Database
from komuna_shared.follower import ASSIGNMENTS, Follower, lag
from komuna_shared.http import ClientCredentials, ServiceClient
from komuna_shared.jobs import enqueue
from komuna_shared.retention import FORGETTING
from tests.databases import ServiceDatabase
from tests.referrals.attacks import as_role, entered
from tests.referrals.conftest import Grant, Plant, as_owner

WORKER = "referrals_worker"
# Where it may do something; each further one is written here by whoever needs it, with columns.
MAY = {
    "assignment_copy",
    "audit_event",
    "change",
    "change_horizon",
    "export_chunk",
    "export_file",
    "export_job",
    "follower_cursor",
    "idempotency_key",
    "import_chunk",
    "import_job",
    "import_problem",
    "import_row",
    "outbox",
    "pgqueuer",
    "pgqueuer_log",
    "pgqueuer_schedules",
    "pgqueuer_statistics",
}
# Behind the wall it reads these columns, and writes nothing.
MAY_READ = {
    # Whether somebody still has a case open, before keys are taken back.
    "case_access": {"case_id", "inst", "ended_at"},
    # Who is waited for.
    "referral": {"id", "receiver", "state", "is_shown"},
}
COLUMNS = """
    select table_name, column_name, privilege_type from information_schema.column_privileges
    where grantee = $1 and table_schema = 'referrals'
"""
GRANTED = """
    select table_name from information_schema.column_privileges
    where grantee = $1 and table_schema = 'referrals'
    union select table_name from information_schema.table_privileges
    where grantee = $1 and table_schema = 'referrals'
"""
GUARDED = """
    select relname from pg_class where relnamespace = 'referrals'::regnamespace
    and relkind = 'r' and relrowsecurity and relname <> 'idempotency_key'
"""


@pytest.fixture
async def worker(database: ServiceDatabase) -> AsyncIterator[Database]:
    """The data as the worker has them open."""
    opened = Database(database.worker_url, service="referrals")
    yield opened
    await opened.close()


def page(*items: dict[str, Any]) -> httpx.Response:
    return httpx.Response(
        200, json={"items": list(items), "page": {"limit": 200, "next_cursor": "c"}}
    )


def registry(answers: list[httpx.Response]) -> ServiceClient:
    """A registry that answers what a test says."""

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 600})
        return answers.pop(0)

    credentials = ClientCredentials("http://issuer/token", "referrals", "secret", "x")
    return ServiceClient(
        "http://registry",
        credentials=credentials,
        deadline=10,
        transport=httpx.MockTransport(answer),
    )


def assignment(role: str, *, gone: bool = False) -> dict[str, Any]:
    data = {
        "issuer": "https://issuer.example",
        "subject": "a",
        "role": role,
        "institution": "isf",
        "valid_from": "2026-01-01",
        "valid_until": None,
    }
    op = "delete" if gone else "upsert"
    return {"op": op, "type": "assignment", "id": "1", "version": 1, "data": None if gone else data}


class TestEnough:
    async def test_to_follow_registry(self, worker: Database, database: ServiceDatabase) -> None:
        pages = [page(assignment("provider")), page(assignment("advocate"))]
        refused = httpx.Response(410, json={"code": "resync_required"})
        again = [refused, page(assignment("supervisor")), page(assignment("supervisor", gone=True))]
        async with registry(pages + again) as client:
            follower = Follower(client, worker, {"assignment": ASSIGNMENTS})
            roles = []
            for _ in range(4):
                await follower.step()
                held = await database.fetch("select role from assignment_copy")
                roles.append([row["role"] for row in held])

        assert roles == [["provider"], ["advocate"], ["supervisor"], []]
        async with worker.reader() as connection:
            age = await lag(connection)
        assert age is not None
        assert age < 60

    async def test_to_forget(
        self, worker: Database, database: ServiceDatabase, grant: Grant
    ) -> None:
        await grant("social_worker")
        async with entered(database) as connection:
            await connection.execute(
                "insert into idempotency_key (client_id, subject, route, key_hash, fingerprint, "
                "created_at) values ('w', ctx.bearer(), 'x', '', '', $1)",
                datetime.now(UTC) - timedelta(days=2),
            )

        for _, _, handler in FORGETTING:
            await handler(worker, {})

        async with as_owner(database) as owner:
            assert await owner.fetch("select from idempotency_key") == []

    async def test_to_run_what_the_service_enqueued(
        self, worker: Database, database: ServiceDatabase
    ) -> None:
        done: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

        async def note(_: Database, payload: dict[str, Any]) -> None:
            await done.put(payload)

        async with database.opened() as service, service.session() as session:
            await enqueue(session, "note", {"n": 1})
        async with asyncpg.create_pool(database.plain(WORKER), min_size=2, max_size=5) as pool:
            running = shared_worker._Worker("referrals", worker, pool, {"note": note}, [])
            task = asyncio.create_task(shared_worker._run_queue(running))
            assert await asyncio.wait_for(done.get(), 30) == {"n": 1}
            running.stop.set()
            await asyncio.wait_for(task, 30)

        async with as_owner(database) as owner:
            told = await owner.fetchval("select status from pgqueuer_log order by id desc limit 1")
        assert told == "successful"


class TestAll:
    async def test_is_written_here(self, database: ServiceDatabase) -> None:
        async with as_owner(database) as owner:
            found = {row["table_name"] for row in await owner.fetch(GRANTED, WORKER)}
            columns = [tuple(row) for row in await owner.fetch(COLUMNS, WORKER)]

        assert found == MAY | MAY_READ.keys()
        for table, names in MAY_READ.items():
            read = {(table, name, "SELECT") for name in names}
            assert {one for one in columns if one[0] == table} == read

    async def test_sees_no_row_behind_the_wall(
        self, database: ServiceDatabase, plant_case: Plant
    ) -> None:
        await plant_case()
        async with as_owner(database) as owner:
            guarded = [row["relname"] for row in await owner.fetch(GUARDED)]
        assert {"case_record", "case_access"} < set(guarded)

        async with as_role(database, WORKER) as connection:
            for table in guarded:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch(f"select * from {table}")  # noqa: S608

    @pytest.mark.parametrize(
        "attempt",
        [
            "select ctx.inst()",
            "select ctx.enter('', '', '', '')",
            "select * from ctx.keys",
            "set role referrals_app",
            "set role referrals_ctx",
            "set role referrals_owner",
            "select resource_id from idempotency_key",
            "select * from audit_event",
            "update audit_event set action = ''",
            "update outbox set aggregate_id = ''",
            "create table mine (n int)",
            "create temp table mine (n int)",
            "truncate assignment_copy",
        ],
    )
    async def test_ends_there(self, database: ServiceDatabase, attempt: str) -> None:
        async with as_role(database, WORKER) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(attempt)

    async def test_is_not_what_the_service_has(
        self, database: ServiceDatabase, grant: Grant
    ) -> None:
        await grant("social_worker")
        async with as_role(database) as connection:
            for attempt in (
                f"delete from assignment_copy where id <> '{uuid4()}'",  # noqa: S608
                "insert into follower_cursor (feed) values ('x')",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(attempt)
