"""HTTP for offices."""

from typing import Any

import pytest
from httpx import AsyncClient
from pydantic import TypeAdapter

from komuna_registry.offices.schemas import OfficeOut
from komuna_shared.paging import Page


async def held(client: AsyncClient, day: str, **query: str) -> set[tuple[str, str]]:
    answer = await client.get("/v1/offices", params={"held_on": day, **query})
    assert answer.status_code == 200, answer.text
    return {
        (tenure["holder"]["name"], tenure["certainty"])
        for office in answer.json()["items"]
        for tenure in office["tenures"]
    }


class TestListOffices:
    @pytest.mark.parametrize(
        ("day", "holders"),
        [
            ("2000-06-01", {("Daan Everts", "certain")}),
            ("2005-05-01", {("Pascal Fieschi", "possible"), ("Werner Wnendt", "possible")}),
            ("2010-06-01", {("Werner Almhofer", "certain")}),
            ("2014-06-01", {("Jean-Claude Schlumberger", "certain")}),
            ("2023-06-01", {("Michael Davenport", "certain")}),
            ("1998-12-31", set()),
        ],
    )
    async def test_names_the_head_of_mission_of_a_day(
        self, reads: AsyncClient, day: str, holders: set[tuple[str, str]]
    ) -> None:
        assert await held(reads, day, kind="head_of_mission") == holders

    async def test_shows_all_eight_heads_of_mission(self, reads: AsyncClient) -> None:
        answer = await reads.get("/v1/offices", params={"kind": "head_of_mission"})

        [office] = answer.json()["items"]
        assert [(one["since"], one["until"]) for one in office["tenures"]] == [
            ("1999", "2001"),
            ("2002", "2005"),
            ("2005", "2007"),
            ("2007", "2008"),
            ("2008", "2012"),
            ("2012", "2016"),
            ("2016", "2020"),
            ("2021", None),
        ]
        assert {one["source"] for one in office["tenures"]} == {"s4"}

    @pytest.mark.parametrize(
        ("q", "office"),
        [
            ("Gashi", "mayor-obiliq"),
            ("xhafer gashi", "mayor-obiliq"),
            ("Oblic", "mayor-obiliq"),
            ("OGG", "ogg-director"),
            ("Çelaj", "ombudsperson"),
            ("head of mission", "osce-head-of-mission"),
        ],
    )
    async def test_finds_by_holder_office_institution_and_municipality(
        self, reads: AsyncClient, q: str, office: str
    ) -> None:
        answer = await reads.get("/v1/offices", params={"q": q})

        assert office in {one["code"] for one in answer.json()["items"]}

    async def test_takes_signs_of_a_pattern_for_signs(self, reads: AsyncClient) -> None:
        answer = await reads.get("/v1/offices", params={"q": "%%__%%"})

        assert answer.json()["items"] == []

    async def test_pages_by_code(self, reads: AsyncClient) -> None:
        first = (await reads.get("/v1/offices", params={"limit": "60"})).json()
        rest = await reads.get(
            "/v1/offices", params={"limit": "60", "cursor": first["page"]["next_cursor"]}
        )

        codes = [one["code"] for one in (*first["items"], *rest.json()["items"])]
        assert codes == sorted(set(codes))
        assert len(codes) == 92

    async def test_has_the_shape_that_it_documents(self, reads: AsyncClient) -> None:
        answer = await reads.get("/v1/offices", params={"held_on": "2020-12-15"})

        shape = TypeAdapter(Page[OfficeOut])
        found = shape.validate_json(answer.content)
        assert shape.dump_python(found, mode="json") == answer.json()


class TestGetOffice:
    async def test_keeps_the_precision_and_the_line_of_each_tenure(
        self, reads: AsyncClient
    ) -> None:
        found = (await reads.get("/v1/offices/minister-of-internal-affairs")).json()

        [tenure] = found["tenures"]
        assert tenure["holder"]["name"] == "Agim Veliu"
        assert (tenure["since"], tenure["attested_on"]) == (None, "2020-10")
        assert (tenure["source"], tenure["locator"]) == ("s0", "L159")

    async def test_tells_the_sex_only_where_a_source_does(self, reads: AsyncClient) -> None:
        titled: Any = (await reads.get("/v1/offices/mlg-secretary-general")).json()
        untitled: Any = (await reads.get("/v1/offices/osce-head-of-mission")).json()

        [holder] = [one["holder"] for one in titled["tenures"]]
        assert (holder["sex"], holder["sex_source"], holder["sex_locator"]) == (
            "female",
            "s0",
            "L67",
        )
        assert {one["holder"]["sex"] for one in untitled["tenures"]} == {None}

    async def test_does_not_know_another(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/offices/king")).status_code == 404
