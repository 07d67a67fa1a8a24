"""HTTP for figures."""

import csv
import io
from typing import Any

import orjson
import pytest
from httpx import AsyncClient
from pydantic import TypeAdapter

from komuna_indicators.observations.schemas import CSV_COLUMNS, ObservationOut
from tests.indicators.conftest import SCOPE, Bearer, Get, Headers, Import, TakeOut

FIGURES = ("value", "numerator", "denominator", "decimals")


async def lines(reads: AsyncClient, **params: str) -> list[dict[str, str]]:
    answer = await reads.get("/v1/observations", params={"format": "csv", **params})
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


class TestListObservations:
    async def test_gives_every_figure_once_over_all_pages(self, reads: AsyncClient) -> None:
        ids: list[str] = []
        params: dict[str, str] = {"limit": "7"}
        while True:
            page = (await reads.get("/v1/observations", params=params)).json()
            ids += [one["id"] for one in page["items"]]
            if page["page"]["next_cursor"] is None:
                break
            params["cursor"] = page["page"]["next_cursor"]

        assert len(ids) == len(set(ids)) == 164

    async def test_pages_through_what_each_municipality_is_asked(self, reads: AsyncClient) -> None:
        slugs: list[str] = []
        params = {"indicator": "women-directors", "group_by": "municipality", "limit": "15"}
        while True:
            page = (await reads.get("/v1/observations", params=params)).json()
            slugs += [one["municipality"] for one in page["items"]]
            if page["page"]["next_cursor"] is None:
                break
            params["cursor"] = page["page"]["next_cursor"]

        assert slugs == sorted(set(slugs))
        assert len(slugs) == 38

    async def test_answers_as_its_document_says(self, observations: Get) -> None:
        described = TypeAdapter(list[ObservationOut])

        assert described.validate_python(await observations(), strict=False)

    async def test_begins_with_all_of_kosovo(self, observations: Get) -> None:
        told = await observations(indicator="women-directors")

        assert [one["municipality"] for one in told] == ["_T", "gllogoc", "kamenice", "kllokot"]

    @pytest.mark.parametrize(
        ("params", "values"),
        [
            ({"indicator": "arrests", "group_by": "sex", "period": "2011-S1"}, {59, 12}),
            ({"indicator": "arrests", "sex": "F", "offence": "_T"}, {12}),
            ({"indicator": "directors", "sex": ["F", "M"]}, {95, 282}),
            ({"indicator": ["osce-posts"], "kind": "_T"}, {490.5}),
            ({"fact": ["R14", "R16"]}, {17, 3}),
            ({"document": "S1"}, {10, 7, 2, 6}),
            ({"dataflow": "returns"}, {620, 300, 170}),
            ({"origin": "computed", "dataflow": "language-rights"}, {2, 11}),
            ({"indicator": "osce-reports", "period": "1999-07-01/P306M"}, {280}),
            ({"indicator": "women-directors", "as_of": "2020-01-01"}, set()),
        ],
    )
    async def test_filters(
        self, observations: Get, params: dict[str, Any], values: set[float]
    ) -> None:
        assert {one["value"] for one in await observations(**params)} == values

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"period": "2020Q3"}, "unknown_period"),
            ({"group_by": "shoe-size"}, "unknown_group"),
            ({"colour": "red"}, "unknown_parameter"),
            ({"status": "Ω"}, "invalid_parameter"),
            ({"cursor": "abc"}, "cursor_invalid"),
            ({"sort": "value"}, "unknown_sort"),
        ],
    )
    async def test_refuses_what_it_does_not_know(
        self, reads: AsyncClient, params: dict[str, str], code: str
    ) -> None:
        answer = await reads.get("/v1/observations", params=params)

        assert (answer.status_code, answer.json()["code"]) == (400, code)

    async def test_of_an_unknown_municipality_is_empty(self, observations: Get) -> None:
        told = await observations(indicator="women-directors", municipality="atlantis")

        assert told == []

    async def test_reads_its_notes_in_the_language_of_the_caller(self, reads: AsyncClient) -> None:
        params = {"fact": "R18", "lang": "sq"}
        [told] = (await reads.get("/v1/observations", params=params)).json()["items"]

        assert told["note"].startswith("Deri në gjysmën e parë")

    async def test_is_not_sent_again_unchanged(self, reads: AsyncClient) -> None:
        first = await reads.get("/v1/observations")
        again = await reads.get(
            "/v1/observations", headers={"If-None-Match": first.headers["etag"]}
        )

        assert (again.status_code, again.content) == (304, b"")


class TestFormats:
    async def test_hold_the_same_figures(self, reads: AsyncClient, observations: Get) -> None:
        told = {one["id"]: one for one in await observations()}
        ndjson = await reads.get("/v1/observations", params={"format": "ndjson"})
        same = {one["id"]: one for one in map(orjson.loads, ndjson.text.splitlines())}

        assert same == told

    async def test_of_a_table_hold_the_same_figures(
        self, reads: AsyncClient, observations: Get
    ) -> None:
        told = {
            (one["key"], one["period"] or "", one["source"]): one for one in await observations()
        }
        table = {(line["key"], line["period"], line["source"]): line for line in await lines(reads)}

        assert table.keys() == told.keys()
        for key, line in table.items():
            for name in FIGURES:
                text = "" if told[key][name] is None else str(told[key][name])
                assert line[name] == text, key
            assert (line["status"], line["reason"]) == (
                told[key]["status"],
                told[key]["reason"] or "",
            )

    async def test_leave_a_missing_figure_blank_beside_its_reason(self, reads: AsyncClient) -> None:
        table = await lines(reads, indicator="women-directors", group_by="municipality")
        silent = [line for line in table if line["reason"] == "not_in_source"]

        assert len(silent) == 35
        assert {line["value"] for line in silent} == {""}

    async def test_have_the_columns_they_say(self, reads: AsyncClient) -> None:
        assert tuple((await lines(reads))[0]) == CSV_COLUMNS

    async def test_that_are_not_offered_are_named(self, reads: AsyncClient) -> None:
        answer = await reads.get("/v1/observations", headers={"Accept": "image/png"})

        assert answer.status_code == 406


class TestExports:
    async def test_come_in_again_without_a_change(
        self, bring_in: Import, bearer: Bearer, take_out: TakeOut
    ) -> None:
        headers: Headers = bearer("analyst-1", SCOPE, "indicators.exports.write")
        table = await take_out("observations", "csv", headers)

        done = await bring_in("observations", table, headers)

        assert done["counts"] == {"created": 0, "updated": 0, "unchanged": 164}, done


class TestReleases:
    async def test_say_what_became_public_and_under_which_rule(self, reads: AsyncClient) -> None:
        [told] = (await reads.get("/v1/releases")).json()["items"]
        one = await reads.get(f"/v1/releases/{told['code']}")

        assert (told["tier"], told["observation_count"]) == ("P", 164)
        assert told["certificate"]["rule"] == "published_elsewhere_exact"
        assert one.json() == told
        assert "immutable" in one.headers["cache-control"]

    async def test_know_no_other(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/releases/no-such")).status_code == 404
