"""HTTP for mechanisms."""

import csv
import io
from collections import Counter
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
            counted = Counter(one["state"] for one in found["items"])
            assert counted == {state: n for state, n in found["totals"].items() if n}
            for one in found["items"]:
                assert one["state"]
                assert one["reason"]
                assert one["detail"]
                assert one["required"]["reason"]
                assert one["required"]["detail"]
                # Without a source that says so nobody has one, and nobody lacks one.
                assert one["statements"] or one["state"] in {"unknown", "not_required"}
                assert one["statements"] or one["required"]["reason"] != "stated"

    @pytest.mark.parametrize("kind", ["dcmac", "assembly_deputy_chair_for_communities"])
    async def test_knows_no_chair_without_a_sourced_share_and_says_so(
        self, reads: AsyncClient, kind: str
    ) -> None:
        found = await coverage(reads, kind=kind, as_of="2020-12-31")

        assert found["totals"]["unknown"] == len(found["items"]) == 38
        assert {one["reason"] for one in found["items"]} == {"no_community_share"}
        assert {one["required"]["requirement"] for one in found["items"]} == {"unknown"}
        assert "No sourced share of communities is loaded" in found["items"][0]["detail"]

    @pytest.mark.parametrize(
        ("kind", "as_of", "requirement", "reason", "state"),
        [
            ("mcsc", "2011-12-31", "not_required", "before_mandate", "not_required"),
            ("mcsc", "2012-06-30", "unknown", "mandate_possible", "unknown"),
            ("mcsc", "2013-12-31", "required", "by_rule", "unknown"),
            ("mcmdv", "2020-12-31", "unknown", "mandate_possible", "unknown"),
            (
                "domestic_violence_social_officer",
                *("2019-06-30", "not_required", "before_mandate", "not_required"),
            ),
        ],
    )
    async def test_asks_nobody_for_one_before_the_mandate_began(
        self,
        reads: AsyncClient,
        kind: str,
        as_of: str,
        requirement: str,
        reason: str,
        state: str,
    ) -> None:
        found = await coverage(reads, kind=kind, as_of=as_of)

        required = {
            (one["required"]["requirement"], one["required"]["reason"]) for one in found["items"]
        }
        assert required == {(requirement, reason)}
        assert {one["state"] for one in found["items"]} == {state}
        began = found["kind"]["mandate_since"]
        assert began["source"] in {one["code"] for one in found["sources"]}

    async def test_points_to_the_totals_whose_members_nobody_named(
        self, reads: AsyncClient
    ) -> None:
        found = await coverage(reads, kind="dcmac", as_of="2020-12-31")

        assert {(one["indicator"], one["period"]) for one in found["published"]} == {
            ("communities-deputy-chair-municipalities", "2020"),
            ("communities-deputy-chairs", "2020"),
        }

    async def test_finds_the_units_that_the_new_municipalities_established(
        self, reads: AsyncClient
    ) -> None:
        found = await coverage(reads, kind="mhru", as_of="2011-06-30")

        named = {one["slug"]: one for one in found["items"] if one["state"] == "in_place"}
        assert set(named) == {"gracanice", "kllokot", "partesh", "ranillug"}
        assert found["totals"]["unknown"] == 33
        for one in named.values():
            assert one["consulted"] == [{"source": "s2", "locator": "L329"}]
            assert one["required"]["reason"] == "by_rule"
        # s1 is where a published total of units is printed.
        assert [one["code"] for one in found["sources"]] == ["s1", "s2"]

    async def test_keeps_nothing_in_place_after_the_day_a_source_saw_it(
        self, reads: AsyncClient
    ) -> None:
        found = await coverage(reads, kind="mhru", as_of="2020-12-31")

        [unit] = [one for one in found["items"] if one["slug"] == "kllokot"]
        assert found["totals"]["unknown"] == 38
        assert (unit["state"], unit["reason"]) == ("unknown", "possible")
        assert [one["certainty"] for one in unit["statements"]] == ["possible"]

    async def test_tells_a_vacant_post_and_a_committee_that_seldom_meets(
        self, reads: AsyncClient
    ) -> None:
        deputies = await coverage(reads, kind="dmc", as_of="2019-06-30")
        committees = await coverage(reads, kind="cc", as_of="2019-06-30")

        [vacant] = [one for one in deputies["items"] if one["state"] == "vacant"]
        [idle] = [
            one
            for one in committees["items"]
            if {"aspect": "functional", "holds": False}.items()
            <= {key: one["statements"][-1][key] for key in ("aspect", "holds")}.items()
        ]
        assert (vacant["slug"], vacant["required"]["requirement"]) == ("gracanice", "required")
        assert (idle["slug"], committees["totals"]["in_place"]) == ("kamenice", 38)

    async def test_counts_nothing_that_is_made_up(self, reads: AsyncClient) -> None:
        found = await coverage(reads, kind="cc", as_of="2026-06-30")

        assert found["totals"]["unknown"] == 38
        assert all(one["statements"] == [] for one in found["items"])

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
        assert {row["requirement"] for row in rows} == {"unknown"}

    async def test_does_not_know_another_kind(self, reads: AsyncClient) -> None:
        answer = await reads.get("/v1/mechanisms/coverage", params={"kind": "parliament"})

        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_filter_value")
