"""HTTP for settlements, and what resolving makes of their names."""

import pytest
from httpx import AsyncClient

from tests.registry.conftest import Headers, Import


class TestListSettlements:
    async def test_shows_each_with_its_municipality_and_line(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/settlements")).json()["items"]

        within = {one["code"]: one["municipalities"][0]["municipality"] for one in found}
        assert within == {
            "plemetin": "obiliq",
            "dujake": "gjakove",
            "vranidoll": "prishtine",
            "strellc": "decan",
            "vitomirice": "peje",
            "mogille": "viti",
            "gadime": "lipjan",
            "cikatove-e-vjeter": "gllogoc",
        }
        for one in found:
            assert one["source"] in {"s0", "s2"}
            assert one["municipalities"][0]["certainty"] == "certain"

    @pytest.mark.parametrize(
        ("query", "codes"),
        [
            ({"municipality": "peje"}, ["vitomirice"]),
            ({"q": "CIKATOVE"}, ["cikatove-e-vjeter"]),
            ({"q": "Cikatovë", "municipality": "peje"}, []),
        ],
    )
    async def test_filters(
        self, reads: AsyncClient, query: dict[str, str], codes: list[str]
    ) -> None:
        found = (await reads.get("/v1/settlements", params=query)).json()["items"]

        assert [one["code"] for one in found] == codes

    async def test_follows_a_settlement_to_another_municipality(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        head = "settlement,municipality,valid_from,valid_until,source,locator\n"
        rows = (
            "vranidoll,prishtine,,2010-01-01,general-knowledge,x\n"
            "vranidoll,podujeve,2010-01-01,,general-knowledge,x\n"
        )

        await bring_in("settlement_municipalities", head + rows, ops)

        places = {
            day: [
                one["code"]
                for one in (
                    await client.get(
                        "/v1/settlements", params={"municipality": "podujeve", "as_of": day}
                    )
                ).json()["items"]
            ]
            for day in ("2009-12-31", "2010-01-01")
        }
        hint = await client.get(
            "/v1/municipalities/resolve", params={"q": "Vranidoll", "as_of": "2009-12-31"}
        )
        assert places == {"2009-12-31": [], "2010-01-01": ["vranidoll"]}
        assert [one["municipality"] for one in hint.json()["settlements"]] == ["prishtine"]


class TestGetSettlement:
    async def test_shows_where_it_lies(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/settlements/plemetin")).json()

        assert (found["kind"], found["source"], found["locator"]) == ("village", "s0", "L186")
        assert found["municipalities"][0]["label"] == "Obiliq"

    async def test_does_not_know_another(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/settlements/atlantis")).status_code == 404


class TestResolve:
    async def test_hints_at_a_settlement_and_matches_nothing(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/municipalities/resolve", params={"q": "plemetin"})).json()

        assert (found["status"], found["slug"]) == ("not_found", None)
        assert [(one["code"], one["municipality"]) for one in found["settlements"]] == [
            ("plemetin", "obiliq")
        ]

    async def test_has_no_hint_where_a_municipality_is_called_so(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/municipalities/resolve", params={"q": "Obiliq"})).json()

        assert (found["slug"], found["settlements"]) == ("obiliq", [])

    async def test_takes_no_school_for_a_settlement(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/municipalities/resolve", params={"q": "Dardania"})).json()

        assert found["settlements"] == []
