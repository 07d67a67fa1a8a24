"""HTTP for activities, written by those whose municipality it is."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from tests.registry.activities.test_routes import read
from tests.registry.conftest import OPS, Bearer, Headers, Import
from tests.registry.test_changes import read_feed

WRITE = "registry.activities.write"
TRAINING = {
    "kind": "training",
    "names": {"sq": "Trajnim për qasje"},
    "period": "2026-05-06",
    "extent": "throughout",
    "keeper": "viti",
    "municipalities": ["viti"],
    "parties": [{"part": "organiser", "municipality": "viti"}],
    "participants": [{"sex": "female", "persons": 11}, {"sex": "male", "status": "L"}],
    "evidence": [{"url": "https://viti.example/trajnim"}],
    "act": {"number": "03-21/26", "issued_on": "2026-05-07", "title": "Raport i trajnimit"},
}


@pytest.fixture
def officer(bearer: Bearer) -> Headers:
    """The headers of an officer of Viti, who is made up."""
    return bearer("persona:municipal_officer:viti", WRITE)


@pytest.fixture
def operator(bearer: Bearer) -> Headers:
    """The headers of somebody real who works for all."""
    return bearer(OPS, WRITE)


async def create(client: AsyncClient, headers: Headers, **changes: Any) -> Response:
    return await client.post("/v1/activities", json=TRAINING | changes, headers=headers)


async def patch(client: AsyncClient, code: str, headers: Headers, **changes: Any) -> Response:
    path = f"/v1/activities/{code}"
    tag = (await client.get(path)).headers["etag"]
    return await client.patch(path, json=changes, headers={**headers, "If-Match": tag})


def codes_of(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestCreateActivity:
    async def test_records_and_tells_it_once(self, client: AsyncClient, officer: Headers) -> None:
        headers = {**officer, "Idempotency-Key": str(uuid4())}

        made = await create(client, headers)
        again = await create(client, headers)

        assert made.status_code == 201, made.text
        shown = made.json()
        assert again.json() == shown
        assert shown["code"] == "demo-viti-2026-05-06-trajnim-per-qasje"
        assert shown["is_synthetic"] is True
        assert {(one["sex"], one["persons"]) for one in shown["participants"]} == {
            ("female", 11),
            ("male", None),
        }
        assert shown["code"] not in {one["code"] for one in (await read(client))["items"]}
        [told] = [one for one in await read_feed(client, {}) if one["id"] == shown["code"]]
        assert told["data"]["municipalities"] == ["viti"]
        assert told["version"] == shown["version"]

    async def test_refuses_the_wrong_caller(
        self, reads: AsyncClient, bearer: Bearer, officer: Headers
    ) -> None:
        for subject in ("persona:municipal_officer:peje", "persona:analyst", "nobody"):
            answer = await create(reads, bearer(subject, WRITE))
            assert codes_of(answer) == (403, "not_yours"), subject
        for changes in ({"keeper": None}, {"keeper": "peje"}, {"municipalities": ["viti", "peje"]}):
            answer = await create(reads, officer, **changes)
            assert codes_of(answer) == (403, "not_yours")
        unscoped = bearer("persona:municipal_officer:viti", "registry.me.read")
        assert (await create(reads, unscoped)).status_code == 403
        assert (await create(reads, {})).status_code == 401

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"period": "2019"}, "synthetic_period"),
            ({"period": "2026-S1"}, "imprecise_date"),
            ({"municipalities": ["atlantis"]}, "unknown_reference"),
            ({"parties": [{"part": "organiser", "institution": "kgb"}]}, "unknown_reference"),
            ({"parties": [{"part": "organiser"}]}, "one_party"),
            ({"participants": [{"persons": 3, "status": "L"}]}, "missing_value"),
            ({"participants": [{}]}, "missing_value"),
            ({"evidence": [{"url": "javascript:alert(1)"}]}, "string_pattern_mismatch"),
            ({"act": None}, "missing_value"),
        ],
    )
    async def test_refuses_what_cannot_be(
        self, reads: AsyncClient, officer: Headers, changes: dict[str, Any], code: str
    ) -> None:
        answer = await create(reads, officer, **changes)

        assert answer.status_code == 422, answer.text
        assert code in {answer.json()["code"], *(one["code"] for one in answer.json()["errors"])}


class TestUpdateActivity:
    async def test_replaces_only_what_is_sent(self, client: AsyncClient, officer: Headers) -> None:
        code = (await create(client, officer)).json()["code"]
        people = [{"sex": "female", "persons": 11}, {"sex": "male", "persons": 9}]

        done = await patch(client, code, officer, participants=people, topic="Qasja", note=None)

        assert done.status_code == 200, done.text
        shown = done.json()
        assert sum(one["persons"] for one in shown["participants"]) == 20
        assert (shown["topic"], len(shown["evidence"]), len(shown["parties"])) == ("Qasja", 1, 1)
        history = (await client.get(f"/v1/activities/{code}/history")).json()["items"]
        # The row that stayed the same has no second entry.
        women = [one for one in history if (one["to"] or {}).get("sex") == "female"]
        assert len(women) == 1
        answers = await asyncio.gather(
            *(
                client.patch(
                    f"/v1/activities/{code}",
                    json={"topic": topic},
                    headers={**officer, "If-Match": done.headers["etag"]},
                )
                for topic in ("A", "B")
            )
        )
        assert sorted(one.status_code for one in answers) == [200, 412]

    async def test_refuses_the_wrong_caller(
        self, client: AsyncClient, officer: Headers, operator: Headers, bearer: Bearer
    ) -> None:
        made_up = "demo-viti-access-training-2026"
        other = bearer("persona:municipal_officer:peje", WRITE)
        coordinator = bearer("persona:coordinator", WRITE)

        assert codes_of(await patch(client, made_up, other, topic="x")) == (403, "not_yours")
        elsewhere = await patch(client, made_up, officer, municipalities=["peje"])
        assert codes_of(elsewhere) == (403, "not_yours")
        # What only a central report tells of is nobody's own.
        report = "viti-building-inspection-2019"
        assert codes_of(await patch(client, report, officer, topic="x")) == (403, "not_yours")
        mismatch = await patch(client, report, coordinator, topic="x")
        assert codes_of(mismatch) == (403, "made_up_mismatch")
        assert (await patch(client, report, operator, topic="Buildings")).status_code == 200
        missing = await client.patch(f"/v1/activities/{made_up}", json={}, headers=officer)
        assert missing.status_code == 428


class TestImports:
    async def test_let_officers_send_what_their_municipality_did(
        self, client: AsyncClient, bring_in: Import, bearer: Bearer
    ) -> None:
        sender = bearer("persona:municipal_officer:viti", "registry.imports.write")
        head = "code,kind,name_sq,period,extent,keeper,is_synthetic,source,locator\n"
        own = "viti-day,campaign,Dita,2026-06,within,viti,true,demonstration,x\n"
        foreign = (
            "peje-day,campaign,Dita,2026-06,within,peje,true,demonstration,x\n"
            "no-day,campaign,Dita,2026-06,within,,true,demonstration,x\n"
            "viti-building-inspection-2019,campaign,Dita,2026-06,within,viti,true,demonstration,x\n"
        )
        places = "activity,municipality,source,locator\nviti-day,{},demonstration,x\n"

        refused = await bring_in("activities", head + own + foreign, sender)
        done = await bring_in("activities", head + own, sender)
        placed = await bring_in("activity_municipalities", places.format("viti"), sender)
        misplaced = await bring_in("activity_municipalities", places.format("peje"), sender)

        problems = await client.get(f"/v1/imports/{refused['id']}/problems", headers=sender)
        assert [(one["row"], one["code"]) for one in problems.json()["items"]] == [
            (3, "not_yours"),
            (4, "not_yours"),
            (5, "not_yours"),
        ]
        assert done["counts"]["created"] == placed["counts"]["created"] == 1
        assert misplaced["state"] == "failed"
