"""HTTP for institutions."""

import pytest
from httpx import AsyncClient


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
        before = (await reads.get("/v1/institutions", params={"as_of": "2005-01-01"})).json()
        codes = {one["code"] for one in before["items"]}

        assert "oik" in codes
        assert not {"olc", "naathb"} & codes


class TestGetInstitution:
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
        }

    async def test_does_not_know_another(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/institutions/kgb")).status_code == 404
