"""HTTP for buildings, read by anybody."""

from typing import Any

from httpx import AsyncClient

from tests.databases import ServiceDatabase
from tests.registry.conftest import Headers, Import
from tests.registry.test_changes import read_feed

MADE_UP = {"is_synthetic": "true"}
FACILITIES = "code,municipality,kind,name_en,valid_from,is_synthetic,source,locator\n"
SURVEYS = "facility,is_synthetic,surveyed_on,access,source,locator\n"


async def read(client: AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(f"/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestListFacilities:
    async def test_hides_made_up_buildings_from_real_ones(self, reads: AsyncClient) -> None:
        assert (await read(reads, "facilities"))["items"] == []
        made_up = (await read(reads, "facilities", **MADE_UP))["items"]

        assert len(made_up) == 7
        assert {one["is_synthetic"] for one in made_up} == {True}
        assert min(one["valid_from"] for one in made_up) >= "2026"

    async def test_filters(self, reads: AsyncClient) -> None:
        async def codes(**query: Any) -> list[str]:
            found = await read(reads, "facilities", **MADE_UP, **query)
            return [one["code"] for one in found["items"]]

        assert await codes(municipality="prizren") == ["demo-school-prizren"]
        assert await codes(is_surveyed="false") == [
            "demo-apartments-prishtine",
            "demo-school-prizren",
        ]
        assert await codes(kind="private", municipality="viti") == ["demo-pharmacy-viti"]
        assert await codes(commission="naathb") == []

    async def test_gives_each_once_page_by_page(self, reads: AsyncClient) -> None:
        seen: list[str] = []
        query: dict[str, Any] = {"limit": 3, **MADE_UP}
        while True:
            page = await read(reads, "facilities", **query)
            seen += [one["code"] for one in page["items"]]
            if page["page"]["next_cursor"] is None:
                break
            query["cursor"] = page["page"]["next_cursor"]

        assert len(seen) == len(set(seen)) == 7


class TestGetFacility:
    async def test_shows_what_each_survey_found(self, reads: AsyncClient) -> None:
        shown = await read(reads, "facilities/demo-health-centre-viti", as_of="2026-08-01")

        assert [one["surveyed_on"] for one in shown["surveys"]] == ["2026-09", "2026-03-11"]
        assert shown["standing"] == {
            "as_of": "2026-08-01",
            "access": "not",
            "reason": "surveyed",
        }
        barriers = [one["barrier"] for one in shown["surveys"][1]["findings"]]
        assert barriers == [
            "Four steps, no rail (demonstration)",
            "No lift to the first floor (demonstration)",
        ]
        assert shown["municipality"]["slug"] == "viti"
        assert (shown["label"], shown["label_language"]) == (
            "Health centre (demonstration)",
            "en",
        )

    async def test_leaves_open_a_day_inside_an_imprecise_survey(self, reads: AsyncClient) -> None:
        path = "facilities/demo-health-centre-viti"
        inside = await read(reads, path, as_of="2026-09-15")
        after = await read(reads, path, as_of="2026-10-01")

        assert inside["standing"]["reason"] == "surveys_disagree"
        assert inside["standing"]["access"] == "unknown"
        assert after["standing"]["access"] == "accessible"

    async def test_answers_304_to_whoever_has_it(self, reads: AsyncClient) -> None:
        path = "/v1/facilities/demo-pharmacy-viti"
        tag = (await reads.get(path)).headers["etag"]

        assert (await reads.get(path, headers={"If-None-Match": tag})).status_code == 304
        assert (await reads.get("/v1/facilities/palace")).status_code == 404


class TestComputeShares:
    async def test_counts_nothing_made_up_unless_asked(self, reads: AsyncClient) -> None:
        found = await read(reads, "facilities/shares", as_of="2026-10-01")

        assert (found["origin"], found["items"]) == ("registered", [])
        assert found["total"] == {
            "facility_count": 0,
            "judged_count": 0,
            "accessible_count": 0,
            "partly_count": 0,
            "not_count": 0,
            "unknown_count": 0,
            "share": None,
            "unit": "percent",
            "status": "L",
            "reason": "nothing_judged",
        }

    async def test_adds_up_by_each_breakdown(self, reads: AsyncClient) -> None:
        counts = ("facility_count", "judged_count", "accessible_count", "unknown_count")
        for by in ("kind", "municipality", "kind,municipality", "municipality,kind"):
            found = await read(reads, "facilities/shares", by=by, as_of="2026-10-01", **MADE_UP)
            assert found["origin"] == "synthetic"
            assert found["by"] == by.split(",")
            assert all(set(found["by"]) <= one.keys() for one in found["items"])
            for name in counts:
                assert sum(one[name] for one in found["items"]) == found["total"][name]

        assert [found["total"][name] for name in counts] == [7, 4, 2, 3]
        assert found["total"]["share"] == 50.0

    async def test_says_the_denominator_of_each_share(self, reads: AsyncClient) -> None:
        query = {"by": "kind", "as_of": "2026-08-01", **MADE_UP}
        found = await read(reads, "facilities/shares", **query)

        public = next(one for one in found["items"] if one["kind"] == "public")
        flats = next(one for one in found["items"] if one["kind"] == "collective_housing")
        assert (public["judged_count"], public["unknown_count"], public["share"]) == (3, 1, 0.0)
        assert (flats["facility_count"], flats["share"], flats["status"]) == (2, None, "L")

    async def test_counts_what_may_have_stood_apart(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        rows = (
            "hall,viti,public,Hall,2024,false,general-knowledge,x\n"
            "school,viti,public,School,2023,false,general-knowledge,x\n"
        )
        await bring_in("facilities", FACILITIES + rows, ops)
        done = await bring_in(
            "facility_surveys",
            SURVEYS + "school,false,2024-02-01,accessible,general-knowledge,x\n",
            ops,
        )

        found = await read(client, "facilities/shares", as_of="2024-06-30")

        assert done["state"] == "succeeded"
        assert (found["possible_count"], found["total"]["facility_count"]) == (1, 1)
        assert found["total"]["share"] == 100.0
        [told] = [one for one in await read_feed(client, {}) if one["id"] == "school"]
        assert told["type"] == "facility"
        assert [one["access"] for one in told["data"]["surveys"]] == ["accessible"]

    async def test_refuses_another_breakdown(self, reads: AsyncClient) -> None:
        for by in ("colour", "kind,", "kind,kind,kind"):
            answer = await reads.get("/v1/facilities/shares", params={"by": by})
            assert answer.status_code in {400, 422}


class TestListAccessibilityCriteria:
    async def test_lists_none_as_real_since_no_source_quotes_them(self, reads: AsyncClient) -> None:
        assert (await read(reads, "accessibility-criteria"))["items"] == []
        found = await read(reads, "accessibility-criteria", **MADE_UP)

        assert {one["legal_basis"] for one in found["items"]} == {None}


class TestHistory:
    async def test_tells_every_part_of_a_building(
        self, reads: AsyncClient, loaded: ServiceDatabase
    ) -> None:
        found = await read(reads, "facilities/demo-pharmacy-viti/history")

        [parts] = await loaded.fetch(
            "select count(distinct part) from record_change "
            "where record_type = 'facility' and record_id = 'demo-pharmacy-viti'"
        )
        assert parts[0] == 3
        assert len(found["items"]) >= 3
