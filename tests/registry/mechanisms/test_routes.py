"""HTTP for mechanisms."""

import csv
import io
from typing import Any

import pytest
from httpx import AsyncClient

UNREPORTED = {
    *("ferizaj", "gracanice", "kllokot", "leposaviq", "mamushe", "mitrovice-veriore"),
    *("partesh", "shterpce", "suhareke", "zubin-potok", "zvecan"),
}


async def coverage(client: AsyncClient, **query: str) -> Any:
    answer = await client.get("/v1/mechanisms/coverage", params={"kind": "language_link", **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestComputeCoverage:
    async def test_counts_the_language_link_of_2020(self, reads: AsyncClient) -> None:
        found = await coverage(reads, as_of="2020-12-31")

        totals = {state: count for state, count in found["totals"].items() if count}
        assert totals == {"in_place": 7, "missing": 18, "contradictory": 2, "unknown": 11}
        assert found["municipality_count"] == len(found["items"]) == 38
        assert [one["code"] for one in found["sources"]] == ["s0"]

    async def test_names_reason_and_line_of_each(self, reads: AsyncClient) -> None:
        found = await coverage(reads, as_of="2020-12-31")

        by_slug = {one["slug"]: one for one in found["items"]}
        assert {slug for slug, one in by_slug.items() if one["state"] == "unknown"} == UNREPORTED
        assert {by_slug[slug]["reason"] for slug in UNREPORTED} == {"not_in_source"}
        for one in found["items"]:
            assert one["consulted"] == [{"source": "s0", "locator": "L259"}]

    @pytest.mark.parametrize(("slug", "printed"), [("viti", "Vitia"), ("podujeve", "Podujeva")])
    async def test_shows_both_statements_of_a_contradiction(
        self, reads: AsyncClient, slug: str, printed: str
    ) -> None:
        found = await coverage(reads, as_of="2020-12-31")

        [one] = [one for one in found["items"] if one["slug"] == slug]
        assert (one["state"], one["reason"]) == ("contradictory", "sources_disagree")
        assert {(said["holds"], said["printed_as"]) for said in one["statements"]} == {
            (True, printed),
            (False, printed),
        }

    @pytest.mark.parametrize(
        ("as_of", "count"), [("2000-06-01", 30), ("2011-06-30", 37), ("2026-11-21", 38)]
    )
    async def test_divides_by_what_existed_and_knows_nothing_without_a_source(
        self, reads: AsyncClient, as_of: str, count: int
    ) -> None:
        found = await coverage(reads, as_of=as_of)

        assert found["municipality_count"] == found["totals"]["unknown"] == count
        assert {one["reason"] for one in found["items"]} == {"no_source_for_date"}

    async def test_adds_up_for_every_kind(self, reads: AsyncClient) -> None:
        kinds = (await reads.get("/v1/mechanism-kinds")).json()["items"]

        assert len(kinds) == 14
        for kind in kinds:
            found = await coverage(reads, kind=kind["code"], as_of="2020-12-31")
            assert sum(found["totals"].values()) == found["municipality_count"] == 38

    async def test_gives_the_same_as_a_table(self, reads: AsyncClient) -> None:
        query = {"kind": "language_link", "as_of": "2020-12-31", "format": "csv"}

        answer = await reads.get("/v1/mechanisms/coverage", params=query)

        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        found = await coverage(reads, as_of="2020-12-31")
        assert answer.headers["content-type"].startswith("text/csv")
        assert [(row["slug"], row["state"], row["reason"]) for row in rows] == [
            (one["slug"], one["state"], one["reason"]) for one in found["items"]
        ]
        assert {row["consulted"] for row in rows} == {"s0:L259"}

    async def test_does_not_know_another_kind(self, reads: AsyncClient) -> None:
        answer = await reads.get("/v1/mechanisms/coverage", params={"kind": "parliament"})

        assert answer.status_code == 404
