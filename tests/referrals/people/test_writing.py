"""Writing a person: who may, over which version, and what is left in the tables."""

import json

import pytest

from tests.databases import ServiceDatabase
from tests.referrals.casework import PERSON, Hire
from tests.referrals.conftest import PEJE, as_owner


class TestSetPerson:
    async def test_leaves_no_word_in_the_tables_or_the_log(
        self, hire: Hire, database: ServiceDatabase, capsys: pytest.CaptureFixture[str]
    ) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case(account="They kept her passport in Vërmicë.")
        await owner.write_person(case["id"])
        await owner.get(f"/v1/cases/{case['id']}/person")

        async with as_owner(database) as connection:
            stored = ""
            for table in await connection.fetch(
                "select tablename from pg_tables where schemaname = 'referrals'"
            ):
                query = f"select coalesce(string_agg(t::text, ' '), '') from {table[0]} t"  # noqa: S608
                stored += await connection.fetchval(query)
        logged = capsys.readouterr().out
        planted = [v for v in PERSON.values() if isinstance(v, str)] + ["passport", "Vërmicë"]
        for value in planted:
            assert value.encode().hex() not in stored
            assert value not in stored
            assert value not in logged
            assert json.dumps(value) not in logged
        assert case["id"] in stored

    async def test_writes_a_new_version_over_the_one_that_was_read(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()
        first = await owner.write_person(case["id"])
        path, changed = f"/v1/cases/{case['id']}/person", PERSON | {"address": None}

        second = await owner.send("PUT", path, changed, if_match=first.headers["etag"])
        stale = await owner.send("PUT", path, PERSON, if_match=first.headers["etag"])

        assert (second.status_code, second.json()["version"]) == (200, 2)
        assert second.json()["address"] is None
        assert stale.status_code == 412

    @pytest.mark.parametrize(
        ("condition", "status"),
        [({}, 428), ({"if_none_match": "*"}, 409), ({"if_match": "x"}, 412)],
    )
    async def test_overwrites_nothing_unseen(
        self, hire: Hire, condition: dict[str, str], status: int
    ) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()
        await owner.write_person(case["id"])

        path = f"/v1/cases/{case['id']}/person"
        response = await owner.send("PUT", path, PERSON, **condition)

        assert response.status_code == status

    async def test_refuses_the_wrong_caller(self, hire: Hire) -> None:
        owner, stranger = await hire("social_worker"), await hire("investigator", "police")
        partner, provider = await hire("advocate", PEJE), await hire("provider")
        case = await owner.open_case()
        brought = {"institution": PEJE, "role": "advocacy"}
        await owner.post(f"/v1/cases/{case['id']}/partners", brought)
        path = f"/v1/cases/{case['id']}/person"

        answers = [
            await one.send("PUT", path, PERSON, if_none_match="*")
            for one in (stranger, partner, provider)
        ]

        assert [(one.status_code, one.json()["code"]) for one in answers] == [
            (404, "not_found"),
            (403, "not_case_owner"),
            (403, "forbidden"),
        ]

    async def test_is_done_once_under_one_key(self, hire: Hire, database: ServiceDatabase) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()
        path, key = f"/v1/cases/{case['id']}/person", "k" * 30

        first, again = [
            await owner.send("PUT", path, PERSON, key=key, if_none_match="*") for _ in range(2)
        ]

        assert again.headers["idempotent-replayed"] == "true"
        assert first.json() == again.json()
        async with as_owner(database) as connection:
            assert await connection.fetchval("select sum(version) from person") == 1
