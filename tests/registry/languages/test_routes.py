"""HTTP for the languages that municipalities owe."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.registry.conftest import Headers, Import

SPOKEN = "municipality,language,is_traditional,counted_on,method,percent,source,locator\n"


async def languages(client: AsyncClient, slug: str, **query: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/municipalities/{slug}/languages", params=query)
    assert answer.status_code == 200, answer.text
    return {one["language"]: one for one in answer.json()["items"]}


class TestListLanguages:
    async def test_names_albanian_and_serbian_official_with_law_and_source(
        self, reads: AsyncClient
    ) -> None:
        found = await languages(reads, "junik")

        for language in ("sq", "sr"):
            one = found[language]
            assert (one["standing"], one["reason"]) == ("official", "named_by_law")
            assert (one["law"], one["source"]) == ("Law on the Use of Languages", "ecmi-law")
            assert one["locator"]

    async def test_names_turkish_official_in_prizren_alone(self, reads: AsyncClient) -> None:
        listed = (await reads.get("/v1/municipalities", params={"limit": "200"})).json()["items"]

        official = [
            one["slug"]
            for one in listed
            if (await languages(reads, one["slug"]))["tr"]["standing"] == "official"
        ]

        assert official == ["prizren"]

    async def test_says_why_nobody_can_say(self, reads: AsyncClient) -> None:
        found = await languages(reads, "mamushe")

        for language in ("tr", "bs", "rom"):
            one = found[language]
            assert (one["standing"], one["reason"]) == ("unknown", "no_language_share")
            assert "No sourced share of speakers is loaded" in one["detail"]
            assert (one["percent"], one["census_year"], one["spoken"]) == (None, None, [])

    async def test_says_so_in_the_language_of_the_caller(self, reads: AsyncClient) -> None:
        found = await languages(reads, "mamushe", lang="sq")

        assert found["tr"]["detail"].startswith("Nuk është ngarkuar")

    async def test_knows_no_rule_before_the_law_certainly_held(self, reads: AsyncClient) -> None:
        found = await languages(reads, "peje", as_of="2005-01-01")

        assert {one["reason"] for one in found.values()} == {"no_rule_for_date"}

    async def test_follows_the_newest_sourced_share(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        rows = (
            "peje,bs,false,2011-04-01,enumerated,2.10,general-knowledge,x\n"
            "peje,bs,false,2024-04-05,enumerated,5.10,general-knowledge,x\n"
            "peje,rom,true,,,,general-knowledge,x\n"
            "zvecan,bs,false,2024-04-05,boycotted,60,general-knowledge,x\n"
        )

        done = await bring_in("municipality_languages", SPOKEN + rows, ops)

        now = await languages(client, "peje")
        before = await languages(client, "peje", as_of="2020-12-31")
        north = await languages(client, "zvecan")
        assert (done["state"], done["counts"]["created"]) == ("succeeded", 4)
        assert (now["bs"]["standing"], now["bs"]["threshold"]) == ("official", "five_percent")
        assert (now["bs"]["census_year"], now["bs"]["percent"]) == (2024, 5.1)
        # What the rule demands stands beside the rule, and where that is written.
        assert (now["bs"]["threshold_percent"], now["bs"]["source"]) == (5.0, "ecmi-law")
        assert (now["rom"]["standing"], now["rom"]["threshold_percent"]) == ("in_use", None)
        assert before["bs"]["threshold_percent"] == 5.0
        assert (before["bs"]["standing"], before["bs"]["reason"]) == ("neither", "share_below")
        assert north["bs"]["reason"] == "not_counted"

    @pytest.mark.parametrize("rule", ["tr,,", ",five_percent,", ",traditional,4", "tr,,5"])
    async def test_needs_a_percentage_for_a_threshold_of_speakers_and_for_no_other_rule(
        self, bring_in: Import, ops: Headers, rule: str
    ) -> None:
        head = "code,language,threshold,percent,standing,law,source,locator\n"
        row = f"another,{rule},official,A law,ecmi-law,x\n"

        done = await bring_in("language_rules", head + row, ops, dry_run=True)

        assert done["state"] == ("succeeded" if rule == "tr,," else "failed")

    @pytest.mark.parametrize(
        "row",
        [
            "peje,bs,false,2011-04-01,enumerated,,general-knowledge,x\n",
            "peje,bs,false,,,2.1,general-knowledge,x\n",
            "peje,bs,true,2011-04-01,enumerated,2.1,general-knowledge,x\n",
        ],
    )
    async def test_needs_a_figure_for_a_count_and_none_for_a_tradition(
        self, bring_in: Import, ops: Headers, row: str
    ) -> None:
        done = await bring_in("municipality_languages", SPOKEN + row, ops, dry_run=True)

        assert done["state"] == "failed"

    async def test_does_not_know_another(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/municipalities/tirana/languages")).status_code == 404


class TestListLanguagesOwed:
    async def test_names_what_prizren_lacks(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/languages-owed", params={"municipality": "prizren"})).json()

        [prizren] = found["items"]
        assert prizren["owes"] == ["sq", "sr", "tr"]
        assert prizren["unknown"] == ["bs", "rom"]
        assert {"record_type": "municipality", "code": "prizren", "language": "tr"} in prizren[
            "missing"
        ]

    @pytest.mark.parametrize(("as_of", "count"), [("2000-06-01", 30), ("2026-11-21", 38)])
    async def test_reports_on_each_that_existed(
        self, reads: AsyncClient, as_of: str, count: int
    ) -> None:
        found = (await reads.get("/v1/languages-owed", params={"as_of": as_of})).json()

        assert found["municipality_count"] == len(found["items"]) == count
        lacking = [one for one in found["items"] if one["missing_count"]]
        assert found["lacking_count"] == len(lacking)
        for one in found["items"]:
            assert not set(one["owes"]) & set(one["unknown"])
            assert {missing["language"] for missing in one["missing"]} <= set(one["owes"])

    async def test_stops_reporting_a_name_that_came_in(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        head = "municipality,language,form,text,source,locator\n"
        await bring_in(
            "municipality_names", head + "prizren,tr,indefinite,Prizren,general-knowledge,x\n", ops
        )

        found = (await client.get("/v1/languages-owed", params={"municipality": "prizren"})).json()

        codes = {one["record_type"] for one in found["items"][0]["missing"]}
        assert "municipality" not in codes

    async def test_hides_what_is_made_up(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        kinds = "code,kind,name_en,is_synthetic,source,locator\n"
        served = "mechanism,municipality,valid_from,valid_until,source,locator\n"
        names = {"made-up": "true", "real": "false"}
        for code, is_synthetic in names.items():
            row = f"{code},communities_committee,Committee,{is_synthetic},s4,L1\n"
            await bring_in("mechanisms", kinds + row, ops)
            await bring_in("mechanism_municipalities", served + f"{code},junik,,,s4,L1\n", ops)

        found = (await client.get("/v1/languages-owed", params={"municipality": "junik"})).json()

        missing = [one for one in found["items"][0]["missing"] if one["code"] in names]
        assert {one["code"] for one in missing} == {"real"}
        assert {one["language"] for one in missing} == {"sq", "sr"}
