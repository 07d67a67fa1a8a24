"""Figures come in wholly or not at all, and a file with mistakes is told each of them."""

from typing import Any

import pytest
from httpx import AsyncClient

from komuna_deploy.loader.manifest import FOLDER
from tests.databases import ServiceDatabase
from tests.indicators.conftest import SCOPE, Bearer, Headers, Import

HEADER = "indicator,municipality,period,sex,value,source"
FACTS = FOLDER / "indicators" / "facts.csv"

BAD = (
    f"{HEADER}\n"
    "directors,Atlantis,2021,F,3,S0:L1\n"
    "directors,Prishtinë,2021,,10,S0:L1\n"
    "directors,Prishtinë,2021,F,12,S0:L1\n"
    'directors,Pejë,2021,F,"2,5",S0:L1\n'
    "directors,Klinë,2021,F,4,S0:L1\n"
    "directors,Klinë,2021,F,4,S0:L1\n"
).encode()
LATIN_1 = f"{HEADER}\ndirectors,Klinë,2021,F,4,S0:L1\n".encode("latin-1")

KEY = "a-key-that-these-tests-use"
SENTENCES = {
    "en": "There is no municipality of this name",
    "sq": "komun",
    "sr-Latn": "opštin",
    "sr-Cyrl": "општин",
}


async def count(database: ServiceDatabase) -> int:
    [row] = await database.fetch("select count(*) from observation")
    return int(row["count"])


def places(done: dict[str, Any]) -> set[tuple[int, str, str]]:
    return {(one["row"], one["column"], one["code"]) for one in done["problems"]}


class TestBadFile:
    async def test_names_row_column_and_code_of_every_mistake(
        self, bring_in: Import, analyst: Headers, indicators: ServiceDatabase
    ) -> None:
        before = await count(indicators)

        done = await bring_in("observations", BAD, analyst)

        assert (done["state"], done["code"]) == ("failed", "rows_refused")
        assert len(done["problems"]) == 4
        assert places(done) == {
            (2, "municipality", "unknown_municipality"),
            (4, "value", "greater_than_total"),
            (5, "value", "decimal_comma"),
            (7, "indicator", "duplicate_row"),
        }
        assert await count(indicators) == before

    async def test_in_another_encoding_is_refused_at_its_row(
        self, bring_in: Import, analyst: Headers, indicators: ServiceDatabase
    ) -> None:
        before = await count(indicators)

        done = await bring_in("observations", LATIN_1, analyst)

        assert done["state"] == "failed"
        assert [(one["row"], one["code"]) for one in done["problems"]] == [(2, "not_utf8")]
        assert await count(indicators) == before

    @pytest.mark.parametrize("language", list(SENTENCES))
    async def test_is_told_in_the_language_of_whoever_sent_it(
        self, bring_in: Import, analyst: Headers, language: str
    ) -> None:
        headers = {**analyst, "Accept-Language": language}

        done = await bring_in("observations", BAD, headers)

        [told] = [one for one in done["problems"] if one["code"] == "unknown_municipality"]
        assert SENTENCES[language] in told["detail"]

    async def test_repeats_nothing_of_what_it_holds(
        self, bring_in: Import, analyst: Headers
    ) -> None:
        done = await bring_in("observations", BAD, analyst)

        assert "Atlantis" not in str(done)

    @pytest.mark.parametrize(
        ("cells", "column", "code"),
        [
            ("no-such,,2021,,1,S0:L1", "indicator", "unknown_indicator"),
            ("directors,,2021,female,1,S0:L1", "sex", "unknown_code"),
            ("court-requests,,2021,F,1,S0:L1", "sex", "unknown_dimension"),
            ("directors,,2021-Q5,,1,S0:L1", "period", "unknown_period"),
            ("directors,,2021,,1.5,S0:L1", "value", "too_precise"),
            ("directors,,2021,,,S0:L1", "value", "no_value_or_reason"),
            ("directors,,2021,,1,S9:L1", "source", "unknown_document"),
            ("directors,,2021,,many,S0:L1", "value", "not_a_number"),
        ],
    )
    async def test_names_what_is_wrong_with_one_row(
        self, bring_in: Import, analyst: Headers, cells: str, column: str, code: str
    ) -> None:
        done = await bring_in("observations", f"{HEADER}\n{cells}\n", analyst)

        assert places(done) == {(2, column, code)}

    async def test_sees_the_same_municipality_under_two_names(
        self, bring_in: Import, analyst: Headers
    ) -> None:
        rows = "directors,Priština,2021,F,4,S0:L1\ndirectors,prishtine,2021,F,5,S0:L1\n"

        done = await bring_in("observations", f"{HEADER}\n{rows}", analyst)

        assert places(done) == {(3, "indicator", "duplicate_row")}

    async def test_finds_a_part_over_the_total_that_is_stored(
        self, bring_in: Import, analyst: Headers
    ) -> None:
        # S0 prints 377 directors of 2020; a community's part of them cannot be greater.
        row = "directors,,2020,turkish,378,S0:L89"
        done = await bring_in(
            "observations",
            f"indicator,municipality,period,community,value,source\n{row}\n",
            analyst,
        )

        assert places(done) == {(2, "value", "greater_than_total")}


class TestGoodFile:
    async def test_sent_twice_is_one_thing(
        self, bring_in: Import, analyst: Headers, indicators: ServiceDatabase
    ) -> None:
        before = await count(indicators)

        done = await bring_in("observations", FACTS.read_bytes(), analyst)

        assert done["counts"] == {"created": 0, "updated": 0, "unchanged": before}
        assert await count(indicators) == before

    async def test_understands_a_municipality_by_its_names(
        self, bring_in: Import, analyst: Headers, client: AsyncClient
    ) -> None:
        rows = "directors,Priština,2021,F,4,S0:L1\ndirectors,peje,2021,F,5,S0:L1\n"

        done = await bring_in("observations", f"{HEADER}\n{rows}", analyst)
        answer = await client.get("/v1/observations?indicator=directors&period=2021")

        assert done["counts"]["created"] == 2, done
        assert {one["municipality"]: one["value"] for one in answer.json()["items"]} == {
            "prishtine": 4,
            "peje": 5,
        }

    async def test_closes_what_it_corrects_and_keeps_it(
        self, bring_in: Import, analyst: Headers, client: AsyncClient, indicators: ServiceDatabase
    ) -> None:
        row = "R18,court-requests,2020-S1,8,S0:L87"
        done = await bring_in(
            "observations", f"fact,indicator,period,value,source\n{row}\n", analyst
        )
        stored = await indicators.fetch(
            "select value, valid_to = 'infinity' as current from observation"
            " where indicator = 'court-requests' order by valid_from"
        )
        answer = await client.get("/v1/observations?indicator=court-requests")

        assert done["counts"]["updated"] == 1, done
        assert [(int(one["value"]), one["current"]) for one in stored] == [(7, False), (8, True)]
        assert [one["value"] for one in answer.json()["items"]] == [8]

    async def test_tried_only_writes_nothing(
        self, bring_in: Import, analyst: Headers, indicators: ServiceDatabase
    ) -> None:
        before = await count(indicators)
        row = f"{HEADER}\ndirectors,,2022,,4,S0:L1\n"

        done = await bring_in("observations", row, analyst, dry_run="true")

        assert done["counts"]["created"] == 1
        assert await count(indicators) == before


class TestWhoMay:
    async def test_needs_a_token(self, client: AsyncClient) -> None:
        answer = await client.post("/v1/imports?collection=observations", content=BAD)

        assert answer.status_code == 401

    @pytest.mark.parametrize(
        ("subject", "scope"), [("officer-1", SCOPE), ("nobody", SCOPE), ("analyst-1", "other.read")]
    )
    async def test_refuses_whoever_has_not_the_role_and_the_scope(
        self, client: AsyncClient, bearer: Bearer, subject: str, scope: str
    ) -> None:
        answer = await client.post(
            "/v1/imports?collection=observations",
            content=BAD,
            headers={**bearer(subject, scope), "Content-Type": "text/csv", "Idempotency-Key": KEY},
        )

        assert answer.status_code == 403

    async def test_hides_an_import_from_others(
        self, bring_in: Import, analyst: Headers, bearer: Bearer, client: AsyncClient
    ) -> None:
        done = await bring_in("observations", BAD, analyst)

        answer = await client.get(
            f"/v1/imports/{done['id']}/problems", headers=bearer("officer-1", SCOPE)
        )

        assert answer.status_code == 404
