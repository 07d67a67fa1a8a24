"""HTTP for institutions."""

import pytest
from httpx import AsyncClient

from tests.registry.conftest import Headers, Import


class TestListInstitutions:
    @pytest.mark.parametrize(
        ("q", "codes"),
        [
            ("MEST", {"mest", "mcys"}),
            ("MLGA", {"mlg"}),
            ("MPL", {"mlg"}),
            ("Gender Equality Agency", {"age"}),
            ("punëve të brendshme", {"mia"}),
        ],
    )
    async def test_finds_by_any_name_and_does_not_choose_between_two(
        self, reads: AsyncClient, q: str, codes: set[str]
    ) -> None:
        found = (await reads.get("/v1/institutions", params={"q": q})).json()

        assert {one["code"] for one in found["items"]} == codes

    async def test_shows_only_what_existed(self, reads: AsyncClient) -> None:
        query = {"as_of": "2005-01-01", "limit": "200"}

        before = (await reads.get("/v1/institutions", params=query)).json()
        codes = {one["code"] for one in before["items"]}

        assert "oik" in codes
        assert not {"olc", "naathb"} & codes

    @pytest.mark.parametrize(
        ("query", "codes"),
        [
            ({"abbreviation": "MEST"}, {"mest", "mcys"}),
            ({"abbreviation": "mest"}, {"mest", "mcys"}),
            ({"abbreviation": "OSCE"}, {"osce", "osce-mission"}),
            ({"abbreviation": "ME"}, set()),
            ({"parent": "osce", "kind": "international"}, {"osce-mission"}),
            ({"parent": "assembly", "as_of": "2006-01-01"}, {"assembly-womens-caucus"}),
            ({"municipality": "prishtine"}, set()),
        ],
    )
    async def test_names_every_one_that_is_abbreviated_or_belongs_so(
        self, reads: AsyncClient, query: dict[str, str], codes: set[str]
    ) -> None:
        found = (await reads.get("/v1/institutions", params=query)).json()

        known = {one["code"] for one in found["items"]}
        assert known - {"assembly-child-rights-committee"} == codes

    async def test_says_in_which_language_it_names_them(self, reads: AsyncClient) -> None:
        query = {"lang": "sq", "q": "punëve të brendshme"}

        [ministry] = (await reads.get("/v1/institutions", params=query)).json()["items"]
        [agency] = (
            await reads.get("/v1/institutions", params={"lang": "sq", "abbreviation": "KAS"})
        ).json()["items"]

        assert ministry["label_language"] == "sq"
        assert (agency["label"], agency["label_language"]) == ("Kosovo Agency of Statistics", "en")

    async def test_holds_everybody_whom_the_reports_name(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/institutions", params={"limit": "200"})).json()["items"]

        codes = {one["code"] for one in found}
        assert {"ccc", "kca", "ipa", "kipa", "assembly", "ncdv", "lgbti-group"} <= codes
        assert {"kwn", "handikos", "csgd", "kgsc", "iom", "icitap", "greta", "rcc"} <= codes
        assert all(one["source"] and one["locator"] for one in found)
        # A shelter is named, and nobody is told where it is.
        assert all(one["municipality"] is None for one in found if one["kind"] == "shelter")


class TestGetInstitution:
    @pytest.mark.parametrize(
        ("as_of", "parents"),
        [
            ("2011-06-01", {"dpva": "certain"}),
            ("2013-06-01", {"dpva": "possible", "mlsw": "possible"}),
            ("2016-06-01", {"mlsw": "certain"}),
        ],
    )
    async def test_belongs_to_whom_it_belonged_on_the_day(
        self, reads: AsyncClient, as_of: str, parents: dict[str, str]
    ) -> None:
        found = (await reads.get("/v1/institutions/sis", params={"as_of": as_of})).json()

        assert {one["parent"]: one["certainty"] for one in found["parents"]} == parents
        assert found["as_of"] == as_of

    async def test_has_the_names_of_the_day(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        head = "institution,language,form,text,valid_from,valid_until,source,locator\n"
        rows = (
            "mlg,en,name,Ministry of Local Government,2015,,general-knowledge,x\n"
            "mlg,en,name,Ministry of Local Government Administration,,2015,general-knowledge,x\n"
        )

        await bring_in("institution_names", head + rows, ops)

        then, now = [
            (await client.get("/v1/institutions/mlg", params={"as_of": day})).json()
            for day in ("2011-06-30", "2020-12-31")
        ]
        listed = (
            await client.get("/v1/institutions", params={"as_of": "2011-06-30", "q": "MLGA"})
        ).json()["items"]
        assert then["label"] == "Ministry of Local Government Administration"
        assert now["label"] == "Ministry of Local Government"
        assert then["names"]["en"] not in {one["text"] for one in now["name_statements"]}
        assert [one["label"] for one in listed] == [then["label"]]

    async def test_shows_names_parents_and_successors_with_their_lines(
        self, reads: AsyncClient
    ) -> None:
        found = (await reads.get("/v1/institutions/dpva")).json()

        assert [one["parent"] for one in found["parents"]] == ["moj"]
        assert [one["successor"] for one in found["successors"]] == ["vaao"]
        assert {
            (one["text"], one["source"], one["locator"]) for one in found["name_statements"]
        } == {
            ("Division for Protection and Victim Assistance", "s2", "L57"),
            ("DPVA", "s2", "L57"),
            ("DAAV", "strat-2011", "abbreviations"),
        }

    async def test_does_not_know_another(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/institutions/kgb")).status_code == 404
