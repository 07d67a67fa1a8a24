"""Two at once: one wins, and nothing is written twice or half."""

import asyncio

from tests.databases import ServiceDatabase
from tests.referrals.casework import CASE, PERSON, Hire
from tests.referrals.conftest import PEJE, as_owner

PRESUMED = {"to": "presumed", "indicators": ["purpose.forced_begging"]}
POLICE = "police"


class TestRaces:
    async def test_of_two_decisions_have_one_winner(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        owner = await hire("social_worker")
        opened = await owner.post("/v1/cases", CASE | {"indicators": []})
        path = f"/v1/cases/{opened.json()['id']}/identification-decisions"
        tag = opened.headers["etag"]

        answers = await asyncio.gather(
            *(owner.post(path, PRESUMED, if_match=tag) for _ in range(4))
        )

        assert {one.status_code for one in answers} <= {201, 409, 412}
        assert [one.status_code for one in answers].count(201) == 1
        async with as_owner(database) as connection:
            assert await connection.fetchval("select version from case_record") == 2
            assert await connection.fetchval("select count(*) from case_history") == 2
            assert await connection.fetchval("select count(*) from case_indicator") == 1

    async def test_of_two_first_versions_of_a_person_have_one_winner(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()
        path = f"/v1/cases/{case['id']}/person"

        answers = await asyncio.gather(
            *(owner.send("PUT", path, PERSON, if_none_match="*") for _ in range(4))
        )

        assert [one.status_code for one in answers].count(200) == 1
        assert {one.status_code for one in answers} == {200, 409}
        read = await owner.get(path)
        assert read.json()["last_name"] == PERSON["last_name"]
        async with as_owner(database) as connection:
            assert await connection.fetchval("select version from person") == 1

    async def test_of_letting_in_and_shutting_out_let_nobody_in(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        owner, other = await hire("social_worker"), await hire("investigator", POLICE)
        await hire("advocate", PEJE)
        case = await owner.open_case()
        path = f"/v1/cases/{case['id']}"

        joined, shut = await asyncio.gather(
            owner.post(f"{path}/partners", {"institution": POLICE, "role": "protection"}),
            owner.post(f"{path}/blocks", {"institution": POLICE, "reason": "A relative."}),
        )

        assert shut.status_code == 201
        assert joined.status_code in {201, 422}
        assert (await other.get(path)).status_code == 404
        async with as_owner(database) as connection:
            assert (
                await connection.fetchval(
                    "select count(*) from case_access where inst = $1 and ended_at is null", POLICE
                )
                == 0
            )
