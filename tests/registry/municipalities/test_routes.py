"""HTTP for municipalities."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import AsyncClient

import komuna_deploy

LOADS = Path(komuna_deploy.__file__).parent / "loads" / "registry"


def aliases() -> Iterator[dict[str, str]]:
    with (LOADS / "municipality_aliases.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


class TestListMunicipalities:
    @pytest.mark.parametrize(
        ("as_of", "certain", "possible"),
        [
            ("2000-06-01", 30, 0),
            ("2006-06-01", 30, 3),
            ("2011-06-30", 37, 0),
            ("2013-06-01", 37, 1),
            ("2026-11-21", 38, 0),
        ],
    )
    async def test_counts_only_what_existed(
        self, reads: AsyncClient, as_of: str, certain: int, possible: int
    ) -> None:
        answer = await reads.get("/v1/municipalities", params={"as_of": as_of, "count": "exact"})

        found = [one["certainty"] for one in answer.json()["items"]]
        assert (found.count("certain"), found.count("possible")) == (certain, possible)
        assert answer.json()["page"]["total"] == certain + possible

    async def test_keeps_the_order_of_the_albanian_alphabet(self, reads: AsyncClient) -> None:
        answer = await reads.get("/v1/municipalities")

        names = [one["names"]["sq"] for one in answer.json()["items"]]
        assert names[:3] == ["Deçan", "Dragash", "Ferizaj"]
        assert names[4:9] == ["Gllogoc", "Graçanicë", "Gjakovë", "Gjilan", "Hani i Elezit"]
        assert names[-6:] == [
            "Shtërpcë",
            "Shtime",
            "Viti",
            "Vushtrri",
            "Zubin Potok",
            "Zveçan",
        ]

    @pytest.mark.parametrize(
        ("language", "name"),
        [
            ("sq", "Gjakovë"),
            ("sr-Latn", "Đakovica"),
            ("sr-Cyrl", "Ђаковица"),
            ("en", "Gjakova"),
        ],
    )
    async def test_speaks_the_language_that_is_asked_for(
        self, reads: AsyncClient, language: str, name: str
    ) -> None:
        answer = await reads.get("/v1/municipalities", params={"q": "gjakova", "lang": language})

        assert answer.headers["content-language"] == language
        assert [one["label"] for one in answer.json()["items"]] == [name]

    async def test_pages_without_losing_or_repeating_any(self, reads: AsyncClient) -> None:
        seen: list[str] = []
        query: dict[str, str] = {"limit": "10", "sort": "-slug"}
        for _ in range(4):
            answer = await reads.get("/v1/municipalities", params=query)
            seen += [one["slug"] for one in answer.json()["items"]]
            query["cursor"] = answer.json()["page"]["next_cursor"] or ""

        assert query["cursor"] == ""
        assert seen == sorted(set(seen), reverse=True)
        assert len(seen) == 38

    async def test_refuses_the_cursor_of_another_list(self, reads: AsyncClient) -> None:
        first = await reads.get("/v1/municipalities", params={"limit": "5"})
        cursor = first.json()["page"]["next_cursor"]

        answer = await reads.get(
            "/v1/municipalities", params={"limit": "5", "cursor": cursor, "q": "a"}
        )

        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")

    async def test_filters_by_region_and_by_code(self, reads: AsyncClient) -> None:
        region = await reads.get("/v1/municipalities", params={"region": "district-peja"})
        code = await reads.get("/v1/municipalities", params={"code": "33"})

        assert {one["slug"] for one in region.json()["items"]} == {"istog", "kline", "peje"}
        assert {one["slug"] for one in code.json()["items"]} == {"junik", "hani-i-elezit"}

    async def test_answers_304_until_something_changes(self, reads: AsyncClient) -> None:
        first = await reads.get("/v1/municipalities")

        again = await reads.get(
            "/v1/municipalities", headers={"If-None-Match": first.headers["etag"]}
        )

        assert (again.status_code, again.content) == (304, b"")

    async def test_refuses_an_unknown_parameter(self, reads: AsyncClient) -> None:
        answer = await reads.get("/v1/municipalities", params={"district": "x"})

        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")


class TestGetMunicipality:
    async def test_shows_each_statement_with_its_source(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/municipalities/zubin-potok")).json()

        assert {
            (one["vintage"], one["persons"], one["status"]) for one in found["populations"]
        } == {
            ("2011", None, "L"),
            ("2024-preliminary", 758, "A"),
            ("2024-final", 763, "A"),
        }
        assert found["populations"][0]["reason"] == "not_enumerated"
        treasury = [one for one in found["codes"] if one["scheme"] == "treasury"]
        assert [one["is_verified"] for one in treasury] == [False]
        for part in ("name_statements", "codes", "aliases", "regions", "populations"):
            assert all(one["source"] and one["locator"] for one in found[part])

    async def test_says_that_a_figure_was_not_found(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/municipalities/istog")).json()

        [missing] = [one for one in found["populations"] if one["persons"] is None]
        assert (missing["vintage"], missing["reason"]) == ("2024-preliminary", "not_in_source")

    async def test_counts_its_people_under_its_name(self, reads: AsyncClient) -> None:
        whole = (await reads.get("/v1/municipalities/zubin-potok")).json()
        found = (await reads.get("/v1/municipalities/zubin-potok/populations")).json()

        assert found["items"] == whole["populations"]
        for name in ("slug", "label", "label_language"):
            assert found[name] == whole[name]

    async def test_names_what_came_out_of_it(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/municipalities/mitrovice")).json()

        assert [one["slug"] for one in found["successors"]] == ["mitrovice-veriore"]

    async def test_does_not_know_another(self, reads: AsyncClient) -> None:
        answer = await reads.get("/v1/municipalities/tirana")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestResolveMunicipality:
    @pytest.mark.parametrize(
        ("q", "slug"),
        [
            ("Drenas", "gllogoc"),
            ("Fushe Kosovo", "fushe-kosove"),
            ("Oblic", "obiliq"),
            ("Prishtinë/Priština", "prishtine"),
            ("Ђаковица", "gjakove"),
            ("Municipality of Vitia", "viti"),
        ],
    )
    async def test_finds_it(self, reads: AsyncClient, q: str, slug: str) -> None:
        answer = await reads.get("/v1/municipalities/resolve", params={"q": q})

        assert answer.json()["slug"] == slug

    async def test_says_why_it_does_not(self, reads: AsyncClient) -> None:
        answer = await reads.get("/v1/municipalities/resolve", params={"q": "33"})

        assert answer.json()["reason"] == "code_without_scheme"
        assert {(one["slug"], one["scheme"]) for one in answer.json()["candidates"]} == {
            ("junik", "kas-2011"),
            ("hani-i-elezit", "kas-2024-order"),
        }


class TestResolveMunicipalities:
    async def test_resolves_every_spelling_of_the_list(self, reads: AsyncClient) -> None:
        rows = [row for row in aliases() if not row["valid_from"]]
        shared = {row["text"] for row in aliases() if row["valid_from"]}

        answer = await reads.post(
            "/v1/municipality-resolutions",
            json={"names": [row["text"] for row in rows], "as_of": "2020-12-31"},
        )

        assert len(rows) >= 273
        for row, found in zip(rows, answer.json()["items"], strict=True):
            if row["text"] in shared:
                assert found["status"] == "ambiguous", row
                assert found["candidates"][0]["slug"] == row["municipality"]
            else:
                assert found["slug"] == row["municipality"], row

    async def test_resolves_the_shared_spellings_before_2013(self, reads: AsyncClient) -> None:
        shared = sorted({row["text"] for row in aliases() if row["valid_from"]})

        answer = await reads.post(
            "/v1/municipality-resolutions", json={"names": shared, "as_of": "2012-12-31"}
        )

        assert {one["slug"] for one in answer.json()["items"]} == {"mitrovice"}

    async def test_takes_ten_thousand_names(self, reads: AsyncClient) -> None:
        names = ["Prishtina", "Oblic", "Nowhere at all", "33"] * 2500

        answer = await reads.post("/v1/municipality-resolutions", json={"names": names})

        assert answer.json()["counts"] == {"matched": 5000, "ambiguous": 2500, "not_found": 2500}

    async def test_takes_no_more(self, reads: AsyncClient) -> None:
        many = await reads.post("/v1/municipality-resolutions", json={"names": ["a"] * 10_001})
        large = await reads.post("/v1/municipality-resolutions", json={"names": ["a" * 1_048_600]})

        assert (many.status_code, large.status_code) == (422, 413)

    async def test_takes_no_longer_name(self, reads: AsyncClient) -> None:
        answer = await reads.post("/v1/municipality-resolutions", json={"names": ["a" * 201]})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/names/0"
