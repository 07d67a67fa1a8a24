"""HTTP for activities: read by anybody, written by those whose municipality it is."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

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


async def read(client: AsyncClient, path: str = "", **query: Any) -> Any:
    answer = await client.get(f"/v1/activities{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def create(client: AsyncClient, headers: Headers, **changes: Any) -> Response:
    return await client.post("/v1/activities", json=TRAINING | changes, headers=headers)


async def patch(client: AsyncClient, code: str, headers: Headers, **changes: Any) -> Response:
    path = f"/v1/activities/{code}"
    tag = (await client.get(path)).headers["etag"]
    return await client.patch(path, json=changes, headers={**headers, "If-Match": tag})


def codes_of(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestListActivities:
    async def test_names_each_with_its_line_and_hides_made_up_ones(
        self, reads: AsyncClient
    ) -> None:
        real = (await read(reads, limit=200))["items"]
        made_up = (await read(reads, is_synthetic="true"))["items"]

        assert len(real) == 27
        assert {one["is_synthetic"] for one in real} == {False}
        assert {one["source"] for one in real} == {"s0", "s2"}
        assert all(one["locator"].startswith("L") for one in real)
        assert len(made_up) == 4
        assert min(one["period"] for one in made_up) >= "2026"
        assert [one["period"][:4] for one in (real[0], real[-1])] == ["2020", "2011"]

    async def test_filters(self, reads: AsyncClient) -> None:
        async def codes(**query: Any) -> list[str]:
            return [one["code"] for one in (await read(reads, **query))["items"]]

        assert await codes(kind="public_meeting") == ["plemetin-debate-2020"]
        assert await codes(municipality="viti") == ["viti-building-inspection-2019"]
        assert await codes(organiser="obiliq") == ["plemetin-debate-2020"]
        # Sent by whom it was organised, and not by everybody who was there.
        assert "week-of-women-conference-2020" not in await codes(organiser="dahrm")
        assert "week-of-women-conference-2020" in await codes(organiser="ndi")
        assert await codes(period_from="2011-05-24", period_to="2011-05-24", kind="workshop") == [
            "durres-workshop-2011",
            "standards-of-care-workshop-2011",
        ]

    async def test_gives_each_once_page_by_page(self, reads: AsyncClient) -> None:
        seen: list[str] = []
        query: dict[str, Any] = {"limit": 4}
        while True:
            page = await read(reads, **query)
            seen += [one["code"] for one in page["items"]]
            if page["page"]["next_cursor"] is None:
                break
            query["cursor"] = page["page"]["next_cursor"]

        assert len(seen) == len(set(seen)) == 27

    @pytest.mark.parametrize("period", ["2020-S3", "yesterday", "2020-13"])
    async def test_refuses_what_is_no_period(self, reads: AsyncClient, period: str) -> None:
        for path, query in (("", {"period_from": period}), ("/counts", {"period": period})):
            answer = await reads.get(f"/v1/activities{path}", params=query)
            assert answer.status_code in {400, 422}


class TestGetActivity:
    async def test_tells_who_was_there_without_a_number_nobody_told(
        self, reads: AsyncClient
    ) -> None:
        shown = await read(reads, "/plemetin-debate-2020")

        assert {one["community"] for one in shown["participants"]} == {
            *("albanian", "serbian", "roma", "egyptian", "ashkali"),
        }
        assert {(one["persons"], one["status"]) for one in shown["participants"]} == {(None, "L")}
        assert (shown["period"], shown["extent"]) == ("2020", "within")
        organisers = [one for one in shown["parties"] if one["part"] == "organiser"]
        assert [(one["kind"], one["code"]) for one in organisers] == [("municipality", "obiliq")]
        assert {one["kind"] for one in shown["parties"]} == {"institution", "municipality", "name"}
        assert (await reads.get("/v1/activities/revolution")).status_code == 404
        history = await reads.get("/v1/activities/plemetin-debate-2020/history")
        assert len(history.json()["items"]) >= 10


class TestComputeCounts:
    async def test_counts_real_ones_and_points_to_published_totals(
        self, reads: AsyncClient
    ) -> None:
        found = await read(reads, "/counts", period="2020")

        counted = {one["kind"]: one["activity_count"] for one in found["items"]}
        assert found["origin"] == "registered"
        assert counted["conference"] == 4
        assert sum(counted.values()) == found["total"]["activity_count"] == 15
        # The inspection of Vitia began in 2019: it is in neither year, and said to be left out.
        assert (found["overlapping_count"], found["repeated_count"]) == (1, 0)
        assert found["total"]["participant_count"] is None
        published = {(one["indicator"], one["locator"]): one["link"] for one in found["published"]}
        for indicator, line in (
            ("outreach-meetings", "L19"),
            ("official-trainings", "L20"),
            ("round-tables", "L21"),
        ):
            link = f"indicator={indicator}&period=2021-11-01/P12M"
            assert published[indicator, line].endswith(link)

    async def test_does_not_take_a_published_total_for_activities(self, reads: AsyncClient) -> None:
        query = {"period": "2021-11-01/P12M", "kind": "training"}
        found = await read(reads, "/counts", **query)

        assert (found["total"]["activity_count"], found["items"]) == (0, [])
        assert "official-trainings" in {one["indicator"] for one in found["published"]}

    async def test_counts_participants_that_are_told_with_those_that_are_not(
        self, reads: AsyncClient
    ) -> None:
        trainings = await read(reads, "/counts", kind="training", period="2011")
        by_sex = await read(reads, "/counts", by="kind,sex", is_synthetic="true")

        # Six officers at one of them; of the other eight nobody tells how many came.
        assert trainings["total"] == {
            "activity_count": 9,
            "participant_count": 6,
            "untold_count": 8,
        }
        assert (by_sex["origin"], by_sex["published"]) == ("synthetic", [])
        persons = {(one["kind"], one["sex"]): one["participant_count"] for one in by_sex["items"]}
        assert persons["training", "female"] == 11
        assert persons["round_table", None] == 3
        assert persons["outreach_meeting", None] is persons["campaign", None] is None

    async def test_says_how_often_one_stands_twice(self, reads: AsyncClient) -> None:
        found = await read(reads, "/counts", by="municipality", kind="campaign")
        by_organiser = await read(reads, "/counts", by="organiser", kind="round_table")

        counted = {one["municipality"]: one["activity_count"] for one in found["items"]}
        assert counted == {"kamenice": 1, "podujeve": 1, "prishtine": 1, "prizren": 1, None: 1}
        assert (found["total"]["activity_count"], found["repeated_count"]) == (2, 3)
        [one] = by_organiser["items"]
        assert one["organiser"] == {"kind": "institution", "code": "ndi"}


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
