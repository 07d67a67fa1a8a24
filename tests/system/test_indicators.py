"""The reports' figures, asked through the gateway of a running Komuna."""

import asyncio
import csv
import io
from typing import Any
from uuid import uuid4

import httpx
import pytest

from komuna_deploy.loader.manifest import FOLDER
from tests.indicators.observations.test_facts import day_after, first_day, seed_rows
from tests.indicators.observations.test_imports import BAD, LATIN_1
from tests.system.conftest import Stack

pytestmark = pytest.mark.system

FACTS = FOLDER / "indicators" / "facts.csv"
SENTENCES = {
    "en": "Write decimals with a point, not with a comma.",
    "sq": "presje",
    "sr-Latn": "zarez",
    "sr-Cyrl": "зарез",
}


async def figures(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    asked: dict[str, Any] | None = {"limit": 200, **params}
    # Others of these tests publish figures too: what was loaded may reach to a second page.
    while asked is not None:
        answer = await client.get("/indicators/v1/observations", params=asked)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        cursor = answer.json()["page"]["next_cursor"]
        asked = {**asked, "cursor": cursor} if cursor else None
    return items


async def bring_in(
    client: httpx.AsyncClient, token: str, body: bytes, *, key: str | None = None, **headers: str
) -> dict[str, Any]:
    """Send a file as an analyst does, and wait for how it ends."""
    sent = {"Authorization": f"Bearer {token}", **headers}
    for _ in range(150):
        answer = await client.post(
            "/indicators/v1/imports",
            params={"collection": "observations"},
            content=body,
            headers={**sent, "Content-Type": "text/csv", "Idempotency-Key": key or str(uuid4())},
        )
        if answer.status_code != 403:  # The persona's role is on its way from registry.
            break
        await asyncio.sleep(0.1)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    path = f"/indicators/v1/imports/{job['id']}"
    while job["state"] in {"queued", "running"}:
        await asyncio.sleep(0.1)
        job = (await client.get(path, headers=sent)).json()
    problems = await client.get(f"{path}/problems", headers=sent)
    return job | {"problems": problems.json()["items"]}


class TestTheReport2020:
    async def test_women_are_a_quarter_of_the_directors(self, client: httpx.AsyncClient) -> None:
        [told] = await figures(
            client, indicator="women-directors", period="2020", municipality="_T"
        )

        assert (told["value"], told["numerator"], told["denominator"]) == (25.2, 95, 377)
        assert (told["origin"], told["source"]) == ("published", "S0:L89")

    async def test_the_share_is_explained(self, client: httpx.AsyncClient) -> None:
        params = {
            "dataflow": "decision-making",
            "key": "women-directors._T._T._T",
            "period": "2020",
        }
        told = (await client.get("/indicators/v1/explanations", params=params)).json()

        assert told["check"] == {"exact": 25.199, "rounded": 25.2, "agrees": True}
        assert [one["source"]["code"] for one in told["inputs"]] == ["S0:L89", "S0:L89"]
        assert set(told["citations"]) == {"sq", "sr-Latn", "en"}

    async def test_each_municipality_is_missing_where_the_report_is_silent(
        self, client: httpx.AsyncClient
    ) -> None:
        told = await figures(
            client, indicator="women-directors", period="2020", group_by="municipality"
        )
        given = {one["municipality"]: one["value"] for one in told if one["value"] is not None}

        assert len(told) == 38
        assert given == {"gllogoc": 50, "kllokot": 50, "kamenice": 50}
        assert {one["reason"] for one in told if one["value"] is None} == {"not_in_source"}

    async def test_nine_months_are_no_year(self, client: httpx.AsyncClient) -> None:
        told = await figures(client, period="2020-01-01/P9M")

        assert {one["indicator"]: one["value"] for one in told} == {
            "victims-identified": 11,
            "arrests": 59,
            "criminal-reports": 18,
        }
        assert await figures(client, indicator="arrests", period="2020") == []


class TestAllReports:
    async def test_every_fact_comes_back_as_printed(self, client: httpx.AsyncClient) -> None:
        told = {one["fact"]: one for one in await figures(client) if one["fact"]}

        for row in seed_rows():
            one = told[row["fact_id"]]
            assert one["value"] == (float(row["value"]) if row["value"] else None), row
            assert one["unit"] == row["unit"], row
            assert one["source"] == row["source"].removeprefix("derived from "), row
            if row["period_start"]:
                assert one["period_starts_on"] == first_day(row["period_start"]), row
                end = row["period_end"] or row["period_start"]
                assert one["period_ends_before"] == day_after(end), row
            else:
                assert one["period"] is None, row

    async def test_blanks_and_zeros_stay_apart(self, client: httpx.AsyncClient) -> None:
        told = await figures(client, indicator=["arrests", "victims-identified"], period="2011-S1")
        blanks = [one for one in told if one["value"] is None]
        zeros = [one for one in told if one["value"] == 0]

        assert {(one["status"], one["reason"]) for one in blanks} == {("O", "blank_in_source")}
        assert {(one["status"], one["reason"]) for one in zeros} == {("A", None)}
        assert (len(blanks), len(zeros)) == (7, 9)

    async def test_figures_keep_how_exact_they_claim_to_be(self, client: httpx.AsyncClient) -> None:
        told = await figures(client, document="S4")

        assert {one["fact"]: one["qualifier"] for one in told if one["qualifier"]} == {
            "O11": "over",
            "O12": "around",
            "O13": "over",
            "O14": "approximately",
            "O15": "around",
            "O16": "around",
        }

    async def test_a_table_holds_what_the_list_holds(self, client: httpx.AsyncClient) -> None:
        printed = {"origin": "published"}
        answer = await client.get(
            "/indicators/v1/observations", params={"format": "csv", **printed}
        )
        table = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        told = {one["fact"]: one["value"] for one in await figures(client, **printed)}

        assert {row["fact"]: row["value"] for row in table} == {
            fact: "" if value is None else str(value) for fact, value in told.items()
        }


class TestImports:
    @pytest.mark.parametrize("language", list(SENTENCES))
    async def test_a_bad_file_is_told_each_mistake_and_leaves_nothing(
        self, client: httpx.AsyncClient, stack: Stack, language: str
    ) -> None:
        before = await figures(client)

        done = await bring_in(client, stack.token("analyst"), BAD, **{"Accept-Language": language})

        assert done["state"] == "failed"
        assert {(one["row"], one["column"], one["code"]) for one in done["problems"]} == {
            (2, "municipality", "unknown_municipality"),
            (4, "value", "greater_than_total"),
            (5, "value", "decimal_comma"),
            (7, "indicator", "duplicate_row"),
        }
        [comma] = [one for one in done["problems"] if one["code"] == "decimal_comma"]
        assert SENTENCES[language] in comma["detail"]
        assert await figures(client) == before

    async def test_another_encoding_is_refused_at_its_row(
        self, client: httpx.AsyncClient, stack: Stack
    ) -> None:
        done = await bring_in(client, stack.token("analyst"), LATIN_1)

        assert [(one["row"], one["code"]) for one in done["problems"]] == [(2, "not_utf8")]

    async def test_the_same_file_twice_is_one_thing(
        self, client: httpx.AsyncClient, stack: Stack
    ) -> None:
        token, body, key = stack.token("ops"), FACTS.read_bytes(), str(uuid4())

        first = await bring_in(client, token, body, key=key)
        again = await bring_in(client, token, body, key=key)
        other = await bring_in(client, token, body)

        assert first["id"] == again["id"] != other["id"]
        assert first["counts"] == other["counts"] == {"created": 0, "updated": 0, "unchanged": 164}

    async def test_need_a_role(self, client: httpx.AsyncClient, stack: Stack) -> None:
        token = stack.token("municipal_officer", municipality="prishtine")
        answer = await client.post(
            "/indicators/v1/imports?collection=observations",
            content=BAD,
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "text/csv",
                "Idempotency-Key": str(uuid4()),
            },
        )

        assert answer.status_code == 403

    async def test_read_a_municipality_as_people_write_it(
        self, client: httpx.AsyncClient, stack: Stack
    ) -> None:
        rows = "directors,Drenas,2001,F,1,S0:L1\ndirectors,Prishtinë/Priština,2001,F,1,S0:L1\n"
        body = f"indicator,municipality,period,sex,value,source\n{rows}".encode()
        token = stack.token("analyst")
        sent = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "text/csv",
            "Idempotency-Key": str(uuid4()),
        }
        answer = await client.post(
            "/indicators/v1/imports?collection=observations&dry_run=true",
            content=body,
            headers=sent,
        )
        job = answer.json()
        while job["state"] in {"queued", "running"}:
            await asyncio.sleep(0.1)
            path = f"/indicators/v1/imports/{job['id']}"
            job = (await client.get(path, headers=sent)).json()

        assert job["counts"] == {"created": 2, "updated": 0, "unchanged": 0}, job


class TestReading:
    async def test_needs_no_token(self, client: httpx.AsyncClient) -> None:
        for path in ("indicators", "dataflows", "code-lists", "documents", "releases"):
            answer = await client.get(f"/indicators/v1/{path}")

            assert answer.status_code == 200, path
            assert answer.json()["items"], path
