"""HTTP for the register in the shapes of Popolo."""

from typing import Any

import pytest
from httpx import AsyncClient

from komuna_registry.popolo import queries
from komuna_registry.popolo.schemas import PopoloOut
from tests.registry.conftest import Bearer, Headers


async def popolo(client: AsyncClient, **query: str) -> dict[str, list[dict[str, Any]]]:
    answer = await client.get("/v1/popolo", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, list[dict[str, Any]]] = answer.json()
    return found


class TestGetPopolo:
    async def test_has_the_shapes_of_popolo_with_a_source_for_each_statement(
        self, reads: AsyncClient
    ) -> None:
        found = await popolo(reads)

        PopoloOut.model_validate(found)
        for kind, parts in found.items():
            assert parts, kind
            assert all(part["sources"] for part in parts), kind
            assert len({part["id"] for part in parts}) == len(parts), kind

    async def test_refers_to_nothing_that_is_not_in_it(self, reads: AsyncClient) -> None:
        found = await popolo(reads)

        ids = {kind: {part["id"] for part in parts} for kind, parts in found.items()}
        for part in (*found["organizations"], *found["posts"]):
            assert part["area_id"] is None or part["area_id"] in ids["areas"]
        for part in found["organizations"]:
            assert part["parent_id"] is None or part["parent_id"] in ids["organizations"]
        for part in found["memberships"]:
            assert part["organization_id"] in ids["organizations"]
            assert part["post_id"] is None or part["post_id"] in ids["posts"]
            member = part["member"]["id"] if part["member"] else None
            assert (part["person_id"] is None) != (member is None)
            assert part["person_id"] in ids["persons"] or member in ids["organizations"]

    async def test_tells_who_headed_the_mission_and_when(self, reads: AsyncClient) -> None:
        found = await popolo(reads, institution="osce-mission")

        heads = {
            one["person_id"]: (one["start_date"], one["end_date"])
            for one in found["memberships"]
            if one["role"] == "head_of_mission"
        }
        assert len(heads) == 8
        assert heads["werner-almhofer"] == ("2008", "2012")
        assert {one["organization_id"] for one in found["posts"]} == {"osce-mission"}
        assert {one["id"] for one in found["persons"]} == {
            one["person_id"] for one in found["memberships"]
        }

    async def test_of_a_day_holds_only_who_may_have_been_there(self, reads: AsyncClient) -> None:
        found = await popolo(reads, institution="osce-mission", as_of="2010-06-01")

        assert [one["person_id"] for one in found["memberships"]] == ["werner-almhofer"]
        assert len(found["persons"]) == 1

    async def test_lets_a_municipality_belong_to_a_body(self, reads: AsyncClient) -> None:
        found = await popolo(reads, municipality="viti")

        [one] = [one for one in found["memberships"] if one["member"]]
        assert one["member"] == {"@type": "organization", "id": "municipality:viti"}
        assert one["organization_id"] == "child-rights-team"

    async def test_tells_no_contact_to_anybody(self, reads: AsyncClient, bearer: Bearer) -> None:
        headers: Headers = bearer("persona:coordinator:ncaht", "registry.contacts.read")

        plain = await reads.get("/v1/popolo")
        known = await reads.get("/v1/popolo", headers=headers)

        assert known.json() == plain.json()
        assert "@" not in plain.text.replace('"@type"', "")
        assert "contact_details" not in plain.text

    async def test_refuses_more_than_one_document_holds(
        self, reads: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "MOST_MEMBERSHIPS", 3)

        answer = await reads.get("/v1/popolo")

        assert (answer.status_code, answer.json()["code"]) == (422, "too_many_memberships")
