"""HTTP for the members of bodies."""

from typing import Any

from httpx import AsyncClient


async def members(client: AsyncClient, **query: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/memberships", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


class TestListMemberships:
    async def test_names_a_working_group_with_its_chair(self, reads: AsyncClient) -> None:
        found = await members(reads, body="mlg-acts-working-group")

        assert len(found) == 7
        assert [one["member"]["label"] for one in found if one["function"] == "chair"] == [
            "Flutura Hoxha"
        ]
        assert {(one["source"], one["locator"]) for one in found} == {("s0", "L273")}

    async def test_shows_in_what_an_institution_takes_part(self, reads: AsyncClient) -> None:
        found = await members(reads, institution="mlg")

        assert {one["body"]["code"] for one in found} == {
            "naathb",
            "domestic-violence-group",
            "technical-group-rae",
        }
        assert {one["member"]["label"] for one in found} == {"Ministry of Local Government"}

    async def test_names_only_the_municipalities_that_are_told_apart(
        self, reads: AsyncClient
    ) -> None:
        found = await members(reads, body="child-rights-team")

        # The report names Mitrovica too and does not say which.
        towns = {one["member"]["code"] for one in found if one["member"]["kind"] == "municipality"}
        assert towns == {"prishtine", "gjakove", "peje", "suhareke", "kamenice", "viti"}

    async def test_calls_possible_what_a_report_saw_in_some_part_of_its_year(
        self, reads: AsyncClient
    ) -> None:
        [one] = await members(reads, body="naathb", as_of="2020-06-30")

        assert one["certainty"] == "possible"
        assert await members(reads, body="naathb", as_of="2021-06-30") == []

    async def test_gives_every_membership_once_page_by_page(self, reads: AsyncClient) -> None:
        whole = await members(reads, limit="200")
        paged: list[str] = []
        query = {"limit": "5"}
        while True:
            answer = (await reads.get("/v1/memberships", params=query)).json()
            paged += [one["id"] for one in answer["items"]]
            if answer["page"]["next_cursor"] is None:
                break
            query["cursor"] = answer["page"]["next_cursor"]

        assert paged == [one["id"] for one in whole]
        assert len(set(paged)) == 21
