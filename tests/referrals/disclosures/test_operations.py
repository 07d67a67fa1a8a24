"""A disclosure is written by Postgres from who acts, or it does not happen."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.databases import ServiceDatabase
from tests.referrals.conftest import Grant, as_owner
from tests.referrals.team import Team, agreed, consent, referral, wordless


@asynccontextmanager
async def revoked(database: ServiceDatabase, table: str) -> AsyncIterator[None]:
    """Take from the service what it may write into a trail."""
    async with as_owner(database) as owner:
        await owner.execute(f"revoke insert on {table} from referrals_app")
        yield
        await owner.execute(f"grant insert on {table} to referrals_app")


@asynccontextmanager
async def locked(database: ServiceDatabase, table: str) -> AsyncIterator[None]:
    """Hold a trail as a long maintenance would."""
    async with as_owner(database) as owner, owner.transaction():
        await owner.execute(f"lock table {table} in access exclusive mode")
        yield


@asynccontextmanager
async def full(database: ServiceDatabase, table: str) -> AsyncIterator[None]:
    """Let every row fail as it does on a full disk."""
    async with as_owner(database) as owner:
        await owner.execute(
            "create function no_room() returns trigger language plpgsql as "
            "$$ begin raise exception using errcode = '53100', message = 'no room'; end $$"
        )
        await owner.execute(
            f"create trigger no_room before insert on {table} execute function no_room()"
        )
        yield
        await owner.execute("drop function no_room() cascade")


FAULTS = [
    pytest.param(revoked, "audit_event", id="audit revoked"),
    pytest.param(locked, "audit_event", id="audit locked"),
    pytest.param(full, "audit_event", id="audit full"),
    pytest.param(locked, "disclosure", id="disclosures locked"),
    pytest.param(full, "disclosure", id="disclosures full"),
]


async def everything(database: ServiceDatabase) -> list[Any]:
    """Return what could have changed."""
    async with as_owner(database) as owner:
        return [
            await owner.fetch(f"select * from {table} order by 1")  # noqa: S608 -- own words.
            for table in ("case_record", "case_access", "consent", "referral", "referral_event")
        ]


def further(team: Team, case: str, given: str, which: str) -> list[Any]:
    """Ask for everything that is recorded and discloses nothing by itself."""
    return [
        *(team.get("thbd", f"/cases/{case}{one}") for one in ("", "/consents", "/disclosures")),
        team.get("isf", f"/referrals/{which}"),
        team.get("isf", "/referrals"),
        team.get("isf", "/me/tasks"),
        team.get("vaao", "/consent-texts"),
        team.post("thbd", "/referrals", referral(case)),
        team.post("vaao", f"/cases/{case}/consents", consent() | {"recipient": "pvpt"}),
        team.post("vaao", f"/consents/{given}/withdrawals"),
    ]


class TestUnwritable:
    @pytest.mark.parametrize(("fault", "table"), FAULTS)
    @pytest.mark.clock
    async def test_serves_nothing_and_changes_nothing(
        self, team: Team, database: ServiceDatabase, fault: Any, table: str
    ) -> None:
        case = await team.open_case()
        given = await team.consent(case)
        which = await team.send(case)
        await team.move("isf", which, "delivered")
        tag = (await team.get("isf", f"/referrals/{which}")).headers["etag"]
        before = await everything(database)
        asked = [
            team.get("thbd", f"/cases/{case}/person"),
            team.post(
                "isf",
                f"/referrals/{which}/transitions",
                {"to": "accepted"} | agreed(),
                if_match=tag,
            ),
        ]
        if table == "audit_event":
            asked += further(team, case, given, which)

        async with fault(database, table):
            answers = []
            for one in asked:
                begun = time.monotonic()
                answers.append(await one)
                # The issue allows 350 ms; the machine that tests may be busy with other things.
                assert time.monotonic() - begun < 1.5

        for told in answers:
            assert (told.status_code, told.json()["code"]) == (503, "audit_unavailable")
            assert "retry-after" in told.headers
        assert await everything(database) == before
        assert (await team.get("thbd", f"/cases/{case}/person")).status_code == 200


class TestDisclosure:
    @pytest.mark.parametrize(
        "statement",
        [
            "insert into disclosure (case_id) values (gen_random_uuid())",
            "update disclosure set purpose = ''",
            "delete from disclosure",
            "truncate disclosure",
            "update referral set state = 'accepted'",
            "update consent set state = 'given'",
            "insert into referral_step values ('draft', 'accepted', 'sender')",
            "update answer_limit set hours = 1",
            "select live_consent(gen_random_uuid(), 'isf', '{A}')",
            "select withdraw_referrals('{}', 'other')",
        ],
    )
    async def test_and_what_it_rests_on_are_written_by_functions_alone(
        self, database: ServiceDatabase, statement: str
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.fetch(statement)

    async def test_functions_do_nothing_without_a_context(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case, given, which = await team.accepted()

        disclosed = await database.fetch(
            "select disclose($1, '{A}', '{name}', null, null)", UUID(case)
        )
        assert disclosed[0][0] is False
        for statement, value in (
            ("select withdraw_consent($1, 'signature')", given),
            ("select move_referral($1, 5, 'withdrawn', '{}')", which),
            ("select record_consent($1, '{}')", case),
            ("select open_referral($1, 'isf', '{}')", case),
        ):
            with pytest.raises(asyncpg.PostgresError) as refused:
                await database.fetch(statement, UUID(value))
            assert refused.value.sqlstate == "KR404"
        assert await database.fetch("select id from disclosure") == []

    async def test_cites_a_consent_that_holds_at_that_instant(self, team: Team) -> None:
        case, given, which = await team.accepted()
        await team.get("isf", f"/cases/{case}/person")
        await team.post("vaao", f"/consents/{given}/withdrawals")
        await team.get("isf", f"/cases/{case}/person")

        told = (await team.get("thbd", f"/cases/{case}/disclosures")).json()["items"]

        seen = [one for one in told if one["institution"] == "isf" and one["kind"] == "read"]
        assert [one["consent_id"] for one in seen] == [given]
        assert (seen[0]["referral_id"], seen[0]["basis"]) == (which, "consent")
        assert "last_name" in seen[0]["fields"]
        assert seen[0]["roles"] == ["shelter_intake"]
        assert seen[0]["subject"].endswith("|persona:isf")


class TestListDisclosures:
    async def test_hides_what_others_hold(self, team: Team) -> None:
        case, _, _ = await team.accepted()

        answers = [
            wordless(await team.get(institution, f"/cases/{one}/disclosures"))
            for institution, one in (
                ("isf", case),
                ("vaao", case),
                ("pvpt", case),
                ("pvpt", str(uuid4())),
                ("pvpt", "Shqipe"),
            )
        ]

        assert answers[0][0] == 404
        assert all(one == answers[0] for one in answers)

    async def test_refuses_whoever_works_on_no_case_there(self, team: Team, grant: Grant) -> None:
        case = await team.open_case()
        await grant("institution_admin", sub="persona:other", institution="thbd")

        refused = [
            await team.get("other", f"/cases/{one}/disclosures") for one in (case, str(uuid4()))
        ]

        assert {one.status_code for one in refused} == {403}
        assert wordless(refused[0]) == wordless(refused[1])

    async def test_goes_on_after_a_page(self, team: Team) -> None:
        case = await team.open_case()
        for _ in range(3):
            await team.get("thbd", f"/cases/{case}/person")

        first = (await team.get("thbd", f"/cases/{case}/disclosures?limit=2")).json()
        cursor = first["page"]["next_cursor"]
        path = f"/cases/{case}/disclosures?limit=2&cursor={cursor}"
        rest = (await team.get("thbd", path)).json()["items"]

        whole = (await team.get("thbd", f"/cases/{case}/disclosures")).json()["items"]
        assert [*first["items"], *rest] == whole[: 2 + len(rest)]
