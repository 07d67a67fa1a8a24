"""HTTP for those who register buildings and record their surveys."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers
from tests.registry.test_changes import read_feed

WRITE = "registry.facilities.write"
ACT = {"number": "02-14/26", "issued_on": "2026-03-12", "title": "Raport i komisionit"}
HALL = {
    "municipality": "viti",
    "kind": "public",
    "names": {"sq": "Pallati i kulturës", "en": "House of culture"},
    "act": ACT,
}
SURVEY = {
    "surveyed_on": "2026-03-11",
    "access": "partly",
    "findings": [
        {"result": "not_met", "barrier": "Two steps at the entrance"},
        {"criterion": "demo-lift", "result": "met"},
    ],
    "act": ACT,
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
    return await client.post("/v1/facilities", json=HALL | changes, headers=headers)


async def survey(client: AsyncClient, headers: Headers, code: str, **changes: Any) -> Response:
    path = f"/v1/facilities/{code}/surveys"
    return await client.post(path, json=SURVEY | changes, headers=headers)


async def patch(client: AsyncClient, path: str, headers: Headers, **changes: Any) -> Response:
    tag = (await client.get(path)).headers["etag"]
    return await client.patch(path, json=changes, headers={**headers, "If-Match": tag})


def codes_of(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestCreateFacility:
    async def test_registers_and_tells_it(
        self, client: AsyncClient, officer: Headers, registry: ServiceDatabase
    ) -> None:
        made = await create(client, officer)

        assert made.status_code == 201, made.text
        shown = made.json()
        # What an account of the demonstration says is made up, and in no count of real buildings.
        assert (shown["code"], shown["is_synthetic"]) == ("demo-viti-pallati-i-kultures", True)
        assert shown["standing"]["reason"] == "not_surveyed"
        assert made.headers["location"].endswith("/v1/facilities/demo-viti-pallati-i-kultures")
        again = await client.get(f"/v1/facilities/{shown['code']}")
        assert again.headers["etag"] == made.headers["etag"]
        source = (await client.get(f"/v1/sources/{shown['source']}")).json()
        assert (source["title"], shown["locator"]) == (ACT["title"], ACT["number"])
        [told] = [one for one in await read_feed(client, {}) if one["id"] == shown["code"]]
        assert (told["type"], told["version"]) == ("facility", shown["version"])
        [[action]] = await registry.fetch(
            f"select action from audit_event where subject_id = '{shown['code']}'"  # noqa: S608
        )
        assert action == "facility.create"
        history = (await client.get(f"/v1/facilities/{shown['code']}/history")).json()["items"]
        assert {one["op"] for one in history} == {"insert"}

    async def test_does_the_same_request_once(self, client: AsyncClient, officer: Headers) -> None:
        key = {"Idempotency-Key": str(uuid4())}

        first, second = [await create(client, {**officer, **key}) for _ in range(2)]
        third = await create(client, officer)

        assert first.json() == second.json()
        assert second.headers["idempotent-replayed"] == "true"
        assert codes_of(third) == (409, "already_exists")

    async def test_refuses_the_wrong_caller(self, reads: AsyncClient, bearer: Bearer) -> None:
        client = reads  # Nothing is written where everything is refused.
        subjects = ("persona:municipal_officer:peje", "persona:analyst", "nobody")
        for subject in subjects:
            answer = await create(client, bearer(subject, WRITE))
            assert codes_of(answer) == (403, "not_yours"), subject
        without_scope = bearer("persona:municipal_officer:viti", "registry.me.read")
        assert (await create(client, without_scope)).status_code == 403
        assert (await create(client, {})).status_code == 401
        assert "viti-pallati" not in (await client.get("/v1/facilities?limit=200")).text

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"act": None}, "missing_value"),
            ({"source": "s0", "locator": "L256"}, "one_source"),
            ({"act": None, "source": "s99", "locator": "L1"}, "source_unknown"),
            ({"municipality": "atlantis"}, "unknown_reference"),
            ({"valid_from": "2019"}, "synthetic_period"),
            ({"valid_from": "2027", "valid_until": "2026"}, "period_order"),
            ({"names": {}}, "too_short"),
            ({"roof": "flat"}, "unknown_field"),
        ],
    )
    async def test_refuses_what_cannot_be(
        self, reads: AsyncClient, officer: Headers, changes: dict[str, Any], code: str
    ) -> None:
        answer = await create(reads, officer, **changes)

        assert answer.status_code == 422
        assert code in {answer.json()["code"], *(one["code"] for one in answer.json()["errors"])}
        assert "/until" not in {one["pointer"] for one in answer.json()["errors"]}


class TestUpdateFacility:
    async def test_merges_what_is_sent(self, client: AsyncClient, operator: Headers) -> None:
        path = f"/v1/facilities/{(await create(client, operator)).json()['code']}"

        done = await patch(
            client, path, operator, kind="private", names={"en": None}, settlement="Drobesh"
        )

        assert done.status_code == 200, done.text
        shown = done.json()
        assert (shown["kind"], shown["settlement"]) == ("private", "Drobesh")
        assert shown["names"] == {"sq": "Pallati i kulturës"}
        assert done.headers["etag"] == (await client.get(path)).headers["etag"]
        assert codes_of(await patch(client, path, operator, names={"sq": None})) == (
            422,
            "missing_name",
        )

    async def test_lets_one_of_two_win(self, client: AsyncClient, officer: Headers) -> None:
        made = await create(client, officer)
        path = f"/v1/facilities/{made.json()['code']}"
        headers = {**officer, "If-Match": made.headers["etag"]}

        answers = await asyncio.gather(
            *(client.patch(path, json={"settlement": one}, headers=headers) for one in ("A", "B"))
        )

        assert sorted(one.status_code for one in answers) == [200, 412]
        assert (await client.patch(path, json={}, headers=officer)).status_code == 428

    async def test_refuses_the_wrong_caller(
        self, client: AsyncClient, officer: Headers, operator: Headers, bearer: Bearer
    ) -> None:
        real = f"/v1/facilities/{(await create(client, operator)).json()['code']}"
        made_up = f"/v1/facilities/{(await create(client, officer)).json()['code']}"
        other = bearer("persona:municipal_admin:peje", WRITE)

        assert codes_of(await patch(client, made_up, other, kind="private")) == (403, "not_yours")
        # The demonstration leaves what is real alone, also where the role would allow it.
        assert codes_of(await patch(client, real, officer, kind="private")) == (
            403,
            "made_up_mismatch",
        )
        missing = await client.patch("/v1/facilities/no", json={}, headers=officer)
        assert missing.status_code == 404


class TestSurveys:
    async def test_are_recorded_and_judge_the_building(
        self, client: AsyncClient, officer: Headers
    ) -> None:
        code = (await create(client, officer)).json()["code"]

        made = await survey(client, officer, code)

        assert made.status_code == 201, made.text
        path = f"/v1/facility-surveys/{made.json()['id']}"
        assert made.headers["location"].endswith(path)
        assert [one["result"] for one in made.json()["findings"]] == ["not_met", "met"]
        shown = (await client.get(f"/v1/facilities/{code}")).json()
        assert shown["standing"]["access"] == "partly"
        done = await patch(client, path, officer, follow_up="A ramp", follow_up_due_on="2026-12-01")
        assert done.status_code == 200, done.text
        mended = await patch(
            client, path, officer, access="accessible", findings=[], followed_up_on="2026-11-01"
        )
        assert (mended.json()["access"], mended.json()["findings"]) == ("accessible", [])
        shown = (await client.get(f"/v1/facilities/{code}")).json()
        assert shown["standing"]["access"] == "accessible"
        [told] = [one for one in await read_feed(client, {}) if one["id"] == code]
        assert told["data"]["surveys"][0]["followed_up_on"] == "2026-11-01"
        assert codes_of(await survey(client, officer, code)) == (409, "already_exists")

    @pytest.mark.parametrize(
        ("changes", "code", "pointer"),
        [
            ({"access": "accessible"}, "result_contradicts", "/access"),
            ({"commission": "palace"}, "unknown_reference", "/commission"),
            ({"surveyed_on": "2019"}, "synthetic_period", "/surveyed_on"),
            ({"decided_on": "2026-01-01"}, "survey_unsound", "/decision"),
            ({"followed_up_on": "2026-11-01"}, "survey_unsound", "/follow_up"),
            (
                {"findings": [{"criterion": "throne", "result": "met"}]},
                "unknown_reference",
                "/findings/0/criterion",
            ),
        ],
    )
    async def test_are_refused_where_they_cannot_be(
        self,
        reads: AsyncClient,
        officer: Headers,
        changes: dict[str, Any],
        code: str,
        pointer: str,
    ) -> None:
        building = "demo-apartments-viti"

        answer = await survey(reads, officer, building, **changes)

        assert codes_of(answer) == (422, code)
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
        shown = (await reads.get(f"/v1/facilities/{building}")).json()
        assert [one["surveyed_on"] for one in shown["surveys"]] == ["2026-03-12"]

    async def test_of_real_buildings_use_no_made_up_criterion_and_refuse_others(
        self, client: AsyncClient, operator: Headers, bearer: Bearer
    ) -> None:
        code = (await create(client, operator)).json()["code"]
        other = bearer("persona:municipal_officer:peje", WRITE)

        assert codes_of(await survey(client, operator, code)) == (422, "unknown_reference")
        assert codes_of(await survey(client, other, code)) == (403, "not_yours")
        made = await survey(client, operator, code, findings=[], surveyed_on="2020-05")
        path = f"/v1/facility-surveys/{made.json()['id']}"
        assert codes_of(await patch(client, path, other, access="not")) == (403, "not_yours")
        assert (await client.get(f"/v1/facility-surveys/{uuid4()}")).status_code == 404
        found = (await client.get("/v1/facilities/shares", params={"as_of": "2020-06-01"})).json()
        assert (found["total"]["judged_count"], found["total"]["share"]) == (1, 0.0)
