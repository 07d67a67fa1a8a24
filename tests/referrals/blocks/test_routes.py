"""HTTP for who is shut out of a case."""

import json
from uuid import UUID

import pytest

from komuna_referrals.consents.jobs import REVOKE
from tests.databases import ServiceDatabase
from tests.referrals.casework import Hire
from tests.referrals.conftest import PEJE, PRIZREN, as_owner

POLICE = "police"
BLOCK = {"institution": POLICE, "reason": "Her brother Fatos works there."}


class TestBlockInstitution:
    async def test_ends_what_a_partner_sees_at_once(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        owner, partner = await hire("social_worker"), await hire("investigator", POLICE)
        case = await owner.open_case()
        path = f"/v1/cases/{case['id']}"
        await owner.post(f"{path}/partners", {"institution": POLICE, "role": "protection"})
        assert len((await partner.get("/v1/cases")).json()["items"]) == 1

        response = await owner.post(f"{path}/blocks", BLOCK)

        assert response.status_code == 201
        assert response.json().items() >= BLOCK.items()
        assert (await partner.get(path)).status_code == 404
        assert (await partner.get("/v1/cases")).json()["items"] == []
        async with as_owner(database) as connection:
            ended = await connection.fetchval(
                "select ended_at is not null from case_access where case_id = $1 and inst = $2",
                UUID(case["id"]),
                POLICE,
            )
        assert ended is True

    async def test_leaves_the_keys_to_be_taken_back(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        owner = await hire("social_worker")
        await hire("investigator", POLICE)
        case = await owner.open_case()
        path = f"/v1/cases/{case['id']}"
        await owner.post(f"{path}/partners", {"institution": POLICE, "role": "protection"})

        await owner.post(f"{path}/blocks", BLOCK)

        async with as_owner(database) as connection:
            (job,) = await connection.fetch("select entrypoint, payload from pgqueuer")
        assert job["entrypoint"] == REVOKE
        assert json.loads(job["payload"]) == {"case_id": case["id"], "institution": POLICE}

    async def test_leaves_the_reason_sealed(
        self, hire: Hire, database: ServiceDatabase, capsys: pytest.CaptureFixture[str]
    ) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()

        await owner.post(f"/v1/cases/{case['id']}/blocks", BLOCK)

        async with as_owner(database) as connection:
            stored = await connection.fetchval("select string_agg(b::text, ' ') from case_block b")
        logged = capsys.readouterr().out
        for value in ("Fatos", b"Fatos".hex()):
            assert value not in stored
            assert value not in logged

    async def test_shuts_nobody_out_of_their_own_case(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()

        wanted = BLOCK | {"institution": PRIZREN}
        response = await owner.post(f"/v1/cases/{case['id']}/blocks", wanted)

        assert (response.status_code, response.json()["code"]) == (422, "block_institution")

    async def test_shuts_nobody_out_twice(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()

        answers = [await owner.post(f"/v1/cases/{case['id']}/blocks", BLOCK) for _ in range(2)]

        assert [one.status_code for one in answers] == [201, 409]

    async def test_refuses_the_wrong_caller(self, hire: Hire) -> None:
        owner, partner = await hire("social_worker"), await hire("advocate", PEJE)
        supervisor, stranger = await hire("supervisor"), await hire("investigator", POLICE)
        case = await owner.open_case()
        path = f"/v1/cases/{case['id']}"
        await owner.post(f"{path}/partners", {"institution": PEJE, "role": "advocacy"})

        answers = [
            await one.post(f"{path}/blocks", BLOCK) for one in (partner, supervisor, stranger)
        ]

        assert [(one.status_code, one.json()["code"]) for one in answers] == [
            (403, "not_case_owner"),
            (403, "forbidden"),
            (404, "not_found"),
        ]


class TestListBlocks:
    async def test_tells_the_owner_alone(self, hire: Hire, database: ServiceDatabase) -> None:
        owner, partner = await hire("social_worker"), await hire("advocate", PEJE)
        blocked = await hire("investigator", POLICE)
        case = await owner.open_case()
        path = f"/v1/cases/{case['id']}"
        await owner.post(f"{path}/partners", {"institution": PEJE, "role": "advocacy"})
        await owner.post(f"{path}/blocks", BLOCK)

        answers = [await one.get(f"{path}/blocks") for one in (owner, partner, blocked)]

        assert [one.status_code for one in answers] == [200, 403, 404]
        (told,) = answers[0].json()["items"]
        assert told.items() >= BLOCK.items()
        async with as_owner(database) as connection:
            seen = await connection.fetch("select classes, basis from disclosure")
        assert {(*row["classes"], row["basis"]) for row in seen} == {("H", "ownership")}
