"""With every check of the service taken out, Postgres alone shows and takes nothing foreign."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from sqlalchemy import true

from komuna_referrals.cases import queries
from komuna_shared.access import Caller, Principal
from komuna_shared.database import Database
from komuna_shared.paging import PageRequest
from tests.databases import ServiceDatabase
from tests.referrals.attacks import ENTER, as_role, entered, seen, ticket
from tests.referrals.casework import Headers
from tests.referrals.conftest import PEJE, PRIZREN, Grant, Plant, as_owner

PAGE = PageRequest(key=b"a key of these tests")
NOBODY = Caller(Principal("https://issuer.example", "x", "web", frozenset(), "", 0.0), ())
# Each with a context that holds, of an institution that sees the case of another not at all.
REFUSED = [
    (
        "insert into case_access (case_id, inst, relation, opened_at) "
        "select '{case}', '{inst}', 'owner', now()"
    ),
    "update case_access set inst = '{inst}'",
    "update case_access set ended_at = null",
    "delete from case_access",
    "select * from case_access for update",
    (
        "insert into assignment_copy (id, issuer, subject, role, institution, valid_from, version) "
        "values ('x', 'x', 'x', 'investigator', 'x', current_date, 1)"
    ),
    "update assignment_copy set institution = '{inst}'",
    "update follower_cursor set read_to_end_at = now()",
    "select * from ctx.keys",
    "insert into ctx.keys (kid, ipad, opad) values ('mine', '', '')",
    "update ctx.keys set kid = 'mine'",
    "select ctx.opened()",
    "create or replace function ctx.inst() returns text language sql as $$ select '{inst}' $$",
    "create function ctx.mine() returns int language sql as $$ select 1 $$",
    "alter function ctx.inst() security invoker",
    "alter function ctx.enter(text, bytea, text, text) reset all",
    "drop function ctx.inst() cascade",
    "create table referrals.mine (n int)",
    "create temp table case_access (case_id uuid, inst text, ended_at timestamptz)",
    "create function pg_temp.inst() returns text language sql as $$ select '{inst}' $$",
    "create schema mine",
    "set row_security = off; select * from case_record",
    "set role referrals_ctx",
    "set role referrals_owner",
    "set role referrals_worker",
    "set session authorization referrals_owner",
    "set session_replication_role = replica",
    "grant referrals_ctx to current_user",
    "alter role current_user bypassrls",
    "alter role referrals_worker password 'mine'",
    "alter table case_record disable row level security",
    "alter table case_access no force row level security",
    "drop policy acting on case_record",
    "alter policy acting on case_access using (true)",
    "create policy mine on case_access using (true)",
    "copy case_record from stdin",
    "truncate case_access",
    "select * from audit_event",
    "update audit_event set subject_id = ''",
    "select * from outbox",
    "select payload from pgqueuer",
    "update pgqueuer set payload = null",
    "select rolpassword from pg_authid",
]


@pytest.fixture
async def foreign(plant_case: Plant, grant: Grant) -> UUID:
    """A case of another institution, and one of one's own."""
    await grant("social_worker")
    await plant_case()
    return await plant_case(PEJE)


@pytest.fixture
async def inside(database: ServiceDatabase, foreign: UUID) -> AsyncIterator[asyncpg.Connection]:
    """The service's transaction, in which its own institution acts."""
    assert foreign
    async with entered(database) as connection:
        yield connection


class TestService:
    @pytest.mark.parametrize("attempt", REFUSED)
    async def test_is_refused(
        self, inside: asyncpg.Connection, foreign: UUID, attempt: str
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await inside.execute(attempt.format(case=foreign, inst=PRIZREN))

    @pytest.mark.parametrize(
        "attempt",
        [
            "update case_record set risk = 'high' where id = '{case}'",
            (
                "update case_record set risk = 'high', version = version + 1 "
                "where institution <> '{inst}'"
            ),
        ],
    )
    async def test_changes_no_row_of_another(
        self, inside: asyncpg.Connection, foreign: UUID, attempt: str
    ) -> None:
        assert await inside.execute(attempt.format(case=foreign, inst=PRIZREN)) == "UPDATE 0"

    @pytest.mark.parametrize(
        "question",
        [
            "select count(*) from case_record where institution <> '{inst}'",
            "select count(*) from case_record where id = '{case}'",
            "select count(*) from case_access where inst <> '{inst}'",
            "select count(*) from case_record r join case_access a on a.case_id <> r.id",
            (
                "select count(*) from (select * from case_record union all "
                "select * from case_record) x where id = '{case}'"
            ),
            (
                "select count(*) from pg_stats where schemaname = 'referrals' "
                "and tablename in ('case_record', 'case_access')"
            ),
            "select count(*) from case_record where id = '{case}' or true and id = '{case}'",
        ],
    )
    async def test_sees_no_row_of_another(
        self, database: ServiceDatabase, foreign: UUID, question: str
    ) -> None:
        async with as_owner(database) as owner:
            await owner.execute("analyze case_record; analyze case_access")

        async with entered(database) as connection:
            assert len(await seen(connection)) == 1
            asked = question.format(case=foreign, inst=PRIZREN)
            assert await connection.fetchval(asked) == 0

    async def test_gains_nothing_by_another_search_path(
        self, database: ServiceDatabase, foreign: UUID
    ) -> None:
        async with as_role(database) as connection:
            # Roles may set their own: whoever is in could wait for the next connection.
            await connection.execute("alter role current_user set search_path = pg_temp, ctx")
        try:
            async with as_role(database) as connection, connection.transaction():
                await connection.execute("set local search_path = pg_temp, ctx, pg_catalog")
                await connection.execute(ENTER, *ticket())
                assert await connection.fetchval("select ctx.inst()") == PRIZREN
                found = await connection.fetch("select id from referrals.case_record")
                assert foreign not in {row["id"] for row in found}
                assert len(found) == 1
        finally:
            async with as_role(database) as connection:
                await connection.execute("alter role current_user reset search_path")

    async def test_may_hand_over_rows_and_gets_its_own_alone(
        self, database: ServiceDatabase, foreign: UUID
    ) -> None:
        async with entered(database) as connection:
            told = await connection.fetchval(
                "select string_agg(one::text, '') from case_record one"
            )
        assert str(foreign) not in told

    async def test_holds_no_key_of_another_callers_request(
        self, database: ServiceDatabase, grant: Grant, foreign: UUID
    ) -> None:
        assert foreign
        await grant("advocate", institution=PEJE)
        insert = (
            "insert into idempotency_key (client_id, subject, route, key_hash, fingerprint) "
            "select 'web', {whose}, 'POST /v1/cases', '', '' returning client_id"
        )
        async with entered(database, *ticket(sub="persona:advocate")) as connection:
            await connection.execute(insert.format(whose="ctx.bearer()"))

        async with entered(database) as connection:
            assert await connection.fetch("select * from idempotency_key") == []
            assert await connection.execute("delete from idempotency_key") == "DELETE 0"
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(insert.format(whose="'somebody else'"))


class TestRoutes:
    async def test_show_what_postgres_shows_when_the_first_wall_is_down(
        self,
        client: httpx.AsyncClient,
        headers: Headers,
        foreign: UUID,
        owned: Database,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(queries._ACCESS.inst, "in_", lambda _: true())
        async with owned.session() as session:
            # To be sure that it is down: to who has no second wall before them it shows all.
            everything = await queries.list_cases(session, PAGE, caller=NOBODY)
            assert len(everything.items) == 2

        for sent, expected in ((headers(), 1), (headers(komuna_ticket="forged.00"), 0)):
            listed = await client.get("/v1/cases", headers=sent)
            assert len(listed.json()["items"]) == expected
            assert str(foreign) not in listed.text
            one = await client.get(f"/v1/cases/{foreign}", headers=sent)
            none = await client.get(f"/v1/cases/{uuid4()}", headers=sent)
            assert one.status_code == none.status_code == 404
            assert one.json()["code"] == none.json()["code"]
