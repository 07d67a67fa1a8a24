"""HTTP for the catalogue."""

import json
from typing import Any

import pytest
from httpx import AsyncClient

from komuna_indicators.catalogue.rules import Dimension
from tests.indicators.conftest import Headers, Import

TAGS = {"sq", "sr-Latn", "en"}


async def everything(client: AsyncClient, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get(path, params={"limit": "40", **cursor})).json()
        items += page["items"]
        if page["page"]["next_cursor"] is None:
            return items
        cursor = {"cursor": page["page"]["next_cursor"]}


class TestListIndicators:
    async def test_holds_the_44_of_the_common_catalogue(self, reads: AsyncClient) -> None:
        told = await everything(reads, "/v1/indicators")

        assert {one["number"] for one in told if one["number"]} == set(range(1, 45))

    async def test_names_and_defines_each_in_three_languages(self, reads: AsyncClient) -> None:
        for one in await everything(reads, "/v1/indicators"):
            assert set(one["names"]) == set(one["definition"]) == TAGS, one["code"]

    async def test_gives_every_entry_once_over_all_pages(self, reads: AsyncClient) -> None:
        codes = [one["code"] for one in await everything(reads, "/v1/indicators")]

        assert codes == sorted(set(codes))
        assert len(codes) > 100

    async def test_finds_by_a_part_of_a_name(self, reads: AsyncClient) -> None:
        answer = await reads.get("/v1/indicators", params={"q": "drejtore të drejtorive"})

        assert [one["code"] for one in answer.json()["items"]] == ["women-directors"]

    async def test_is_not_sent_again_unchanged(self, reads: AsyncClient) -> None:
        first = await reads.get("/v1/indicators")
        again = await reads.get("/v1/indicators", headers={"If-None-Match": first.headers["etag"]})

        assert (again.status_code, again.content) == (304, b"")


class TestGetIndicator:
    @pytest.mark.parametrize(
        ("language", "label", "used"),
        [
            ("en", "Women among directors of municipal directorates", "en"),
            ("sq", "Gratë drejtore të drejtorive komunale", "sq"),
            ("sr-Cyrl", "Жене међу директорима општинских дирекција", "sr-Cyrl"),
        ],
    )
    async def test_reads_in_the_language_asked_for(
        self, reads: AsyncClient, language: str, label: str, used: str
    ) -> None:
        answer = await reads.get("/v1/indicators/women-directors", params={"lang": language})

        assert (answer.json()["label"], answer.json()["label_language"]) == (label, used)
        assert answer.headers["content-language"] == language

    async def test_says_how_the_ratio_is_made_and_by_which_law(self, reads: AsyncClient) -> None:
        told = (await reads.get("/v1/indicators/women-directors")).json()

        assert (told["numerator"], told["denominator"]) == ("directors[sex=F]", "directors")
        assert told["law_references"] == ["05/L-020, article 6(8)"]

    async def test_knows_no_other(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/indicators/no-such")).status_code == 404


class TestDataflows:
    async def test_name_code_lists_that_exist(self, reads: AsyncClient) -> None:
        lists = {one["code"] for one in await everything(reads, "/v1/code-lists")}

        for flow in await everything(reads, "/v1/dataflows"):
            assert {one["code_list"] for one in flow["dimensions"]} <= lists
            assert {one["dimension"] for one in flow["dimensions"]} <= set(Dimension)

    async def test_of_victims_are_the_most_protected(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/dataflows/trafficking-victims")).json()["tier"] == "2"


class TestCodeLists:
    async def test_keep_the_articles_of_an_offence_by_code_and_time(
        self, reads: AsyncClient
    ) -> None:
        told = (await reads.get("/v1/code-lists/CL_OFFENCE")).json()
        [trafficking] = [one for one in told["codes"] if one["code"] == "trafficking"]

        assert [one["article"] for one in trafficking["articles"]] == ["139", "171", "165"]

    async def test_map_what_sdmx_does_not_know(self, reads: AsyncClient) -> None:
        told = (await reads.get("/v1/code-lists/CL_OBS_STATUS")).json()

        assert [one["maps_to"] for one in told["codes"] if one["code"] == "X"] == ["V"]

    async def test_leave_the_list_of_grounds_open(self, reads: AsyncClient) -> None:
        codes = (await reads.get("/v1/code-lists/CL_GROUND")).json()["codes"]

        assert len([one for one in codes if one["code"] not in {"_T", "_O"}]) == 25
        assert "_O" in {one["code"] for one in codes}


def entry(**changes: Any) -> str:
    names = {"sq": "Gjuha", "sr-Latn": "Jezik", "en": "Language"}
    told = {"code": "CL_TEST", "version": "1.0.0", "names": names, "is_exclusive": True}
    told["codes"] = [{"code": "sq", "names": names}]
    return json.dumps(told | changes) + "\n"


class TestVersions:
    async def test_that_are_published_never_change(
        self, bring_in: Import, analyst: Headers
    ) -> None:
        media = "application/x-ndjson"
        await bring_in("code-lists", entry(), analyst, media=media)

        again = await bring_in("code-lists", entry(), analyst, media=media)
        changed = await bring_in("code-lists", entry(is_exclusive=False), analyst, media=media)

        assert again["counts"]["unchanged"] == 1
        assert [one["code"] for one in changed["problems"]] == ["version_published"]

    async def test_follow_each_other_by_number(
        self, bring_in: Import, analyst: Headers, client: AsyncClient
    ) -> None:
        media = "application/x-ndjson"
        for version in ("1.9.0", "1.10.0"):
            done = await bring_in("code-lists", entry(version=version), analyst, media=media)
            assert done["state"] == "succeeded"

        older = await bring_in("code-lists", entry(version="1.2.0"), analyst, media=media)
        told = await client.get("/v1/code-lists/CL_TEST")

        assert [one["code"] for one in older["problems"]] == ["version_older"]
        assert told.json()["version"] == "1.10.0"

    async def test_without_all_languages_are_refused(
        self, bring_in: Import, analyst: Headers
    ) -> None:
        body = entry(names={"sq": "Gjuha"})
        done = await bring_in("code-lists", body, analyst, media="application/x-ndjson")

        assert [(one["column"], one["code"]) for one in done["problems"]] == [
            ("names", "names_incomplete")
        ]

    async def test_appear_in_the_feed(self, client: AsyncClient) -> None:
        page = (await client.get("/v1/changes", params={"limit": "200"})).json()

        assert {one["type"] for one in page["items"]} >= {"indicator", "dataflow", "code_list"}
