"""HTTP for activities, read by anybody."""

from typing import Any

import pytest
from httpx import AsyncClient


async def read(client: AsyncClient, path: str = "", **query: Any) -> Any:
    answer = await client.get(f"/v1/activities{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


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

    @pytest.mark.parametrize("period", ["2020-S3", "2021..2020", "2020-13"])
    async def test_refuses_what_is_no_period(self, reads: AsyncClient, period: str) -> None:
        for path, query in (("", {"period_from": period}), ("/counts", {"period": period})):
            answer = await reads.get(f"/v1/activities{path}", params=query)
            assert (answer.status_code, answer.json()["code"]) == (400, "unknown_period")
            assert [one["pointer"] for one in answer.json()["errors"]] == [
                f"/query/{next(iter(query))}"
            ]


class TestGetActivity:
    async def test_tells_who_was_there_without_a_number_nobody_told(
        self, reads: AsyncClient
    ) -> None:
        shown = await read(reads, "/plemetin-debate-2020")

        assert {one["community"] for one in shown["participants"]} == {
            *("albanian", "serbian", "roma", "egyptian", "ashkali"),
        }
        told = {(one["persons"], one["status"], one["reason"]) for one in shown["participants"]}
        assert told == {(None, "L", "not_in_source")}
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
        assert (found["total"]["status"], found["total"]["reason"]) == ("L", "not_in_source")
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
        assert found["total"]["participant_count"] is None
        assert (found["total"]["status"], found["total"]["reason"]) == ("L", "nothing_recorded")
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
            "status": "A",
            "reason": None,
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
