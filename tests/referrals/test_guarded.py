"""What Postgres' own catalogue says of the second wall, for every table there is."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.databases import ServiceDatabase
from tests.referrals.conftest import as_owner

# Nothing here says that a case exists, or the service cannot read it; each with the reason.
UNGUARDED = {
    "alembic_version": "The service has nothing on it.",
    "answer_limit": "Hours within which to answer, the same for everybody; it is only read.",
    "assignment_copy": "Who holds which role, as registry tells services; it is only read, and "
    "before any context holds, since the context is made from it.",
    "audit_event": "The service adds to it and reads nothing of it but the id it just wrote.",
    "change": "The service has nothing on it: referrals has no feed.",
    "change_horizon": "As `change`.",
    "export_chunk": "The service has nothing on it: referrals exports nothing.",
    "export_file": "As `export_chunk`.",
    "export_job": "As `export_chunk`.",
    "follower_cursor": "How fresh the copy of the roles is; it is only read.",
    "import_chunk": "The service has nothing on it: referrals imports nothing.",
    "import_job": "As `import_chunk`.",
    "import_problem": "As `import_chunk`.",
    "import_row": "As `import_chunk`.",
    "outbox": "The service adds to it and reads nothing of it but the id it just wrote.",
    "pgqueuer": "The service adds to it and does not read what there is to do.",
    "pgqueuer_log": "The service adds to it and reads nothing.",
    "pgqueuer_schedules": "The service has nothing on it: the worker's clock.",
    "pgqueuer_statistics": "The service has nothing on it.",
    "procedure_rule": "Lines of procedure, the same for everybody; it is only read.",
    "referral_step": "The machine of a referral, the same for everybody; it is only read.",
}
ADDED = {"audit_event", "outbox", "pgqueuer", "pgqueuer_log"}
READ = {
    "answer_limit",
    "assignment_copy",
    "follower_cursor",
    "procedure_rule",
    "referral_step",
}
TABLES = """
    select relname, relrowsecurity and relforcerowsecurity as guarded from pg_class
    where relnamespace = 'referrals'::regnamespace and relkind in ('r', 'p')
"""
POLICIES = """
    select relname, polname, polcmd::text, pg_get_expr(polqual, polrelid) as shown,
        pg_get_expr(polwithcheck, polrelid) as taken, array(select rolname::text from pg_roles
        where oid = any(polroles)) as roles
    from pg_policy join pg_class c on c.oid = polrelid
    where relnamespace = 'referrals'::regnamespace
"""
RIGHTS = """
    select p as may from unnest(array['select', 'insert', 'update', 'delete', 'truncate']) p
    where has_table_privilege('referrals_app', 'referrals.' || $1, p)
"""
FUNCTIONS = """
    select p.oid::regprocedure::text as name, prosecdef, proconfig, proowner::regrole::text,
        has_function_privilege('public', p.oid, 'execute') as is_open
    from pg_proc p where pronamespace in ('referrals'::regnamespace, 'ctx'::regnamespace)
"""


@pytest.fixture
async def owner(database: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    async with as_owner(database) as connection:
        yield connection


class TestTables:
    async def test_are_guarded_or_say_why_not(self, owner: asyncpg.Connection) -> None:
        found = {row["relname"]: row["guarded"] for row in await owner.fetch(TABLES)}

        assert {name for name, guarded in found.items() if not guarded} == set(UNGUARDED)
        assert {"case_record", "case_access", "idempotency_key"} < found.keys() - UNGUARDED.keys()

    async def test_give_the_service_what_their_reason_says(self, owner: asyncpg.Connection) -> None:
        for name in UNGUARDED:
            may = {row["may"] for row in await owner.fetch(RIGHTS, name)}
            wanted = {"insert"} if name in ADDED else {"select"} if name in READ else set()
            assert may == wanted, name

    async def test_let_nobody_empty_them(self, owner: asyncpg.Connection) -> None:
        for row in await owner.fetch(TABLES):
            may = {one["may"] for one in await owner.fetch(RIGHTS, row["relname"])}
            assert "truncate" not in may, row["relname"]


class TestPolicies:
    async def test_ask_the_sealed_context_of_the_service(self, owner: asyncpg.Connection) -> None:
        found = [row for row in await owner.fetch(POLICIES) if "referrals_app" in row["roles"]]

        assert len(found) >= 4
        for row in found:
            for condition in filter(None, (row["shown"], row["taken"])):
                # Once for a statement, not once for a row.
                assert "( SELECT ctx." in condition, (row["relname"], row["polname"])

    async def test_check_what_is_written_too(self, owner: asyncpg.Connection) -> None:
        for row in await owner.fetch(POLICIES):
            if row["polcmd"] in {"a", "w", "*"}:
                assert row["taken"] is not None, (row["relname"], row["polname"])

    async def test_are_for_named_roles_and_open_for_the_owner_alone(
        self, owner: asyncpg.Connection
    ) -> None:
        for row in await owner.fetch(POLICIES):
            assert row["roles"] in (["referrals_app"], ["referrals_owner"], ["referrals_worker"])
            if row["shown"] == "true" or row["taken"] == "true":
                assert row["roles"] != ["referrals_app"], (row["relname"], row["polname"])

    async def test_give_every_guarded_table_to_its_owner(self, owner: asyncpg.Connection) -> None:
        named = {row["relname"] for row in await owner.fetch(POLICIES) if row["polname"] == "owner"}

        assert named == {row["relname"] for row in await owner.fetch(TABLES) if row["guarded"]}


class TestFunctions:
    async def test_of_another_right_have_their_path_pinned(self, owner: asyncpg.Connection) -> None:
        found = [row for row in await owner.fetch(FUNCTIONS) if row["prosecdef"]]

        assert len(found) >= 8
        for row in found:
            (path,) = [one for one in row["proconfig"] or () if one.startswith("search_path=")]
            # Temporary objects last: before the others they could stand in for them.
            assert path in {"search_path=pg_catalog, pg_temp", "search_path=referrals, pg_temp"}
            inside = row["name"].startswith("ctx.")
            assert row["proowner"] == ("referrals_ctx" if inside else "referrals_owner")

    async def test_that_the_service_may_call_ask_for_whom_it_acts(
        self, owner: asyncpg.Connection
    ) -> None:
        called = await owner.fetch(
            "select proname, prosrc, has_function_privilege('referrals_app', oid, 'execute') as "
            "is_open from pg_proc where prosecdef and pronamespace = 'referrals'::regnamespace"
        )
        asking = {row["proname"] for row in called if "ctx.inst()" in row["prosrc"]}

        (held,) = [row["prosrc"] for row in called if row["proname"] == "holds_case"]
        assert "owns_case" in asking
        assert "not owns_case(" in held
        for row in (one for one in called if one["is_open"]):
            assert row["proname"] in asking or "not holds_case(" in row["prosrc"], row["proname"]

    async def test_are_open_to_nobody_by_default(self, owner: asyncpg.Connection) -> None:
        assert [row["name"] for row in await owner.fetch(FUNCTIONS) if row["is_open"]] == []

    async def test_of_the_wall_show_their_keys_to_nobody(self, database: ServiceDatabase) -> None:
        admin = await asyncpg.connect(database.admin)
        try:
            readers = await admin.fetch(
                "select rolname from pg_roles where not rolsuper "
                "and has_any_column_privilege(rolname, 'ctx.keys', 'select') "
                "and rolname not like 'pg\\_%'"
            )
        finally:
            await admin.close()
        assert [row["rolname"] for row in readers] == ["referrals_ctx"]


class TestViews:
    async def test_are_none(self, owner: asyncpg.Connection) -> None:
        """A view shows what its owner sees, so it would be a way round."""
        found = await owner.fetch(
            "select relname from pg_class where relkind in ('v', 'm') "
            "and relnamespace in ('referrals'::regnamespace, 'ctx'::regnamespace)"
        )
        assert found == []
