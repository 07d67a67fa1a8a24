"""The figures of the reports: each row of the shared list comes back exactly as it was printed."""

import csv
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from tests.indicators.conftest import Get
from tests.lints import ROOT

SEEDS = ROOT.parent / "shared" / "data" / "seed_facts.csv"
QUALIFIERS = {"O11": "over", "O12": "around", "O13": "over", "O14": "approximately"}
QUALIFIERS |= {"O15": "around", "O16": "around", "R26": "over"}
COMPUTED = {"R22", "R23", "R28", "DQ15-named"}


def seed_rows(path: Path = SEEDS) -> list[dict[str, str]]:
    """Read the list of facts that the project was conceived from."""
    if not path.exists():
        pytest.skip("the folder `shared` with the list of facts is not beside the project")
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def first_day(written: str) -> str:
    return written if len(written) == 10 else f"{written}-01-01"


def day_after(written: str) -> str:
    last = date.fromisoformat(written if len(written) == 10 else f"{written}-12-31")
    return (last + timedelta(days=1)).isoformat()


@pytest.fixture(scope="module")
async def facts(reads: AsyncClient) -> dict[str, dict[str, Any]]:
    answer = await reads.get("/v1/observations", params={"format": "ndjson"})
    lines = answer.text.splitlines()
    return {one["fact"]: one for one in map(_read, lines)}


def _read(line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line)
    return found


class TestSeedFacts:
    def test_are_all_there(self, facts: dict[str, Any]) -> None:
        ours = {"DQ15-stated", "DQ15-named", "T32-DSW", "T32-ISP"}

        assert {row["fact_id"] for row in seed_rows()} == set(facts) - ours

    def test_keep_their_value_unit_and_source(self, facts: dict[str, Any]) -> None:
        for row in seed_rows():
            told = facts[row["fact_id"]]
            value = None if told["value"] is None else Decimal(str(told["value"]))

            assert value == (Decimal(row["value"]) if row["value"] else None), row
            assert told["unit"] == row["unit"], row
            assert told["source"] == row["source"].removeprefix("derived from "), row

    def test_keep_their_period_or_have_none(self, facts: dict[str, Any]) -> None:
        for row in seed_rows():
            told = facts[row["fact_id"]]
            if row["period_start"]:
                end = row["period_end"] or row["period_start"]
                assert told["period_starts_on"] == first_day(row["period_start"]), row
                assert told["period_ends_before"] == day_after(end), row
            else:
                assert (told["period"], told["period_starts_on"]) == (None, None), row

    def test_tell_a_blank_from_a_zero(self, facts: dict[str, Any]) -> None:
        for row in seed_rows():
            told = facts[row["fact_id"]]
            expected = ("A", None) if row["value"] else ("O", "blank_in_source")

            assert (told["status"], told["reason"]) == expected, row

    def test_keep_how_exact_they_claim_to_be(self, facts: dict[str, Any]) -> None:
        told = {fact: one["qualifier"] for fact, one in facts.items() if one["qualifier"]}

        assert told == QUALIFIERS

    def test_say_which_were_counted_and_not_printed(self, facts: dict[str, Any]) -> None:
        assert {fact for fact, one in facts.items() if one["origin"] == "computed"} == COMPUTED


class TestWomenDirectors:
    async def test_answers_the_printed_share_with_its_parts(self, observations: Get) -> None:
        [told] = await observations(indicator="women-directors", period="2020", municipality="_T")

        assert (told["value"], told["numerator"], told["denominator"]) == (25.2, 95, 377)
        assert (told["origin"], told["source"], told["status"]) == ("published", "S0:L89", "A")

    async def test_asked_by_municipality_is_missing_where_the_report_is_silent(
        self, observations: Get
    ) -> None:
        told = await observations(
            indicator="women-directors", period="2020", group_by="municipality"
        )
        given = {one["municipality"]: one["value"] for one in told if one["value"] is not None}
        silent = [one for one in told if one["value"] is None]

        assert len(told) == 38
        assert given == {"gllogoc": 50, "kllokot": 50, "kamenice": 50}
        assert {(one["status"], one["reason"]) for one in silent} == {("L", "not_in_source")}

    async def test_asked_for_one_municipality_says_that_nothing_is_known(
        self, observations: Get
    ) -> None:
        [told] = await observations(
            indicator="women-directors", period="2020", municipality="prishtine"
        )

        assert (told["value"], told["status"], told["reason"]) == (None, "L", "not_in_source")
        assert (told["id"], told["document"], told["source"]) == (None, "S0", "S0")

    async def test_does_not_count_a_municipality_before_it_existed(self, observations: Get) -> None:
        told = await observations(
            indicator="human-rights-units", period="2011-S1", group_by="municipality"
        )

        assert len(told) == 37
        assert "mitrovice-veriore" not in {one["municipality"] for one in told}


class TestFreeIntervals:
    async def test_are_kept_as_they_are(self, observations: Get) -> None:
        told = await observations(period="2020-01-01/P9M")

        assert {one["indicator"]: one["value"] for one in told} == {
            "victims-identified": 11,
            "arrests": 59,
            "criminal-reports": 18,
        }

    async def test_are_no_part_of_a_year(self, observations: Get) -> None:
        assert await observations(indicator="victims-identified", period="2020") == []

    async def test_lie_within_a_year(self, observations: Get) -> None:
        [told] = await observations(
            indicator="victims-identified", period_from="2020", period_to="2020"
        )

        assert told["period"] == "2020-01-01/P9M"


class TestBlanks:
    async def test_stay_beside_zeros(self, observations: Get) -> None:
        told = await observations(indicator="cases-by-exploitation", group_by="exploitation")

        assert {one["dimensions"]["exploitation"]: one["value"] for one in told} == {
            "sexual": 13,
            "forced-labour": None,
            "forced-begging": 2,
            "slavery-servitude": None,
            "organ-removal": None,
        }

    async def test_are_no_members_of_the_zeros(self, observations: Get) -> None:
        told = await observations(indicator="victims-identified", group_by="country_of_origin")

        assert {one["status"] for one in told if one["value"] == 0} == {"A"}
