"""What somebody of an institution or a municipality is shown."""

import pytest
from httpx import AsyncClient
from pydantic import TypeAdapter

from komuna_registry.contacts.schemas import ContactOut
from tests.registry.conftest import Headers

from .conftest import XLSX, read_list

SHOWN = TypeAdapter(list[ContactOut])


class TestListContacts:
    async def test_shows_institutions_whom_to_call_and_no_cache_keeps_it(
        self, reads: AsyncClient, officer: Headers
    ) -> None:
        answer = await reads.get(
            "/v1/contacts", params={"municipality": "gracanice"}, headers=officer
        )

        assert answer.headers["cache-control"] == "no-store"
        first, second = answer.json()["items"]
        assert SHOWN.validate_python([first, second])
        assert (first["name"], second["name"]) == ("Jelena Primer", "Marko Primer")
        assert (first["kind"], first["telephone"]) == (
            "human_rights_coordinator",
            "+383 38 000 117",
        )
        assert (first["owner"]["label"], first["languages"]) == ("Gračanica", ["sr", "en"])
        assert first["is_synthetic"] is True

    async def test_filters_and_gives_every_contact_once_page_by_page(
        self, reads: AsyncClient, officer: Headers
    ) -> None:
        whole = await read_list(reads, officer, limit="200")
        paged: list[str] = []
        query = {"limit": "5"}
        while True:
            answer = (await reads.get("/v1/contacts", params=query, headers=officer)).json()
            paged += [one["id"] for one in answer["items"]]
            if answer["page"]["next_cursor"] is None:
                break
            query["cursor"] = answer["page"]["next_cursor"]

        assert paged == [one["id"] for one in whole]
        assert len(set(paged)) == 24
        kinds = await read_list(reads, officer, kind="gender_equality_officer", limit="200")
        assert {one["kind"] for one in kinds} == {"gender_equality_officer"}
        assert len(kinds) == 12
        assert await read_list(reads, officer, as_of="2025-12-31") == []

    @pytest.mark.parametrize("chosen", ["csv", "xlsx"])
    async def test_gives_the_whole_list_as_a_table_that_no_cache_keeps(
        self, reads: AsyncClient, officer: Headers, chosen: str
    ) -> None:
        answer = await reads.get(
            "/v1/contacts", params={"format": chosen, "limit": "1"}, headers=officer
        )

        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-disposition"].endswith(f'"contacts.{chosen}"')
        if chosen == "csv":
            assert answer.content.count(b"\r\n") == 25
            assert b",+383 38 000 117," in answer.content
        else:
            assert answer.headers["content-type"] == XLSX

    async def test_is_no_page_in_another_format(self, reads: AsyncClient, officer: Headers) -> None:
        answer = await reads.get("/v1/contacts", headers={**officer, "Accept": "application/pdf"})

        assert answer.status_code == 406


class TestSearchContacts:
    async def test_finds_a_name_however_it_is_spelt(
        self, reads: AsyncClient, officer: Headers
    ) -> None:
        answer = await reads.post(
            "/v1/contact-searches", json={"name": "ornek, AYSE"}, headers=officer
        )

        assert [one["name"] for one in answer.json()["items"]] == ["Ayşe Örnek"]
        signs = await reads.post("/v1/contact-searches", json={"name": "%%"}, headers=officer)
        assert signs.json()["items"] == []
        assert answer.headers["cache-control"] == "no-store"

    async def test_takes_no_name_in_an_address(self, reads: AsyncClient, officer: Headers) -> None:
        for query in ("q=Primer", "name=Primer"):
            answer = await reads.get(f"/v1/contacts?{query}", headers=officer)
            assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")
