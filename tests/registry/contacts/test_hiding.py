"""Work contacts are for institutions and municipalities, whichever way somebody looks."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.registry.conftest import Bearer, Headers

from .conftest import READ, add

UNKNOWN = "0197a3c0-0000-7000-8000-000000000000"


class TestPages:
    @pytest.mark.parametrize("address", ["/v1/contacts", f"/v1/contacts/{UNKNOWN}"])
    async def test_hides_everything_from_whoever_has_no_role_or_no_scope(
        self, reads: AsyncClient, bearer: Bearer, address: str
    ) -> None:
        officer = "persona:municipal_officer:prishtine"

        assert (await reads.get(address)).status_code == 401
        assert (await reads.get(address, headers=bearer("nobody", READ))).status_code == 403
        assert (await reads.get(address, headers=bearer(officer))).status_code == 403

    async def test_hides_everything_from_whoever_has_no_role(
        self, reads: AsyncClient, bearer: Bearer
    ) -> None:
        sent = {"name": "Primer"}

        assert (await reads.post("/v1/contact-searches", json=sent)).status_code == 401
        answer = await reads.post("/v1/contact-searches", json=sent, headers=bearer("nobody", READ))
        assert answer.status_code == 403


class TestFeed:
    async def test_tells_of_contacts_only_those_who_may_read_them(
        self, client: AsyncClient, officer: Headers, bearer: Bearer
    ) -> None:
        made = await add(client, officer)
        address = f"/v1/contacts/{made.json()['id']}"
        tag = {"If-Match": made.headers["etag"]}
        await client.delete(address, headers={**officer, **tag})

        told = await contacts_told(client, officer)
        assert [one["op"] for one in told if one["id"] == made.json()["id"]] == ["delete"]
        assert sum(one["op"] == "upsert" for one in told) == 24
        for blind in ({}, bearer("nobody", READ), bearer("persona:municipal_officer:peje")):
            assert await contacts_told(client, blind) == []


async def contacts_told(client: AsyncClient, headers: Headers) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query = {"limit": "1000"}
    while True:
        answer = (await client.get("/v1/changes", params=query, headers=headers)).json()
        if not answer["items"]:
            return found
        found += [one for one in answer["items"] if one["type"] == "contact"]
        query["since"] = answer["page"]["next_cursor"]


class TestExports:
    async def test_are_for_those_who_may_read(self, client: AsyncClient, bearer: Bearer) -> None:
        wanted, scope = {"dataset": "contacts"}, "registry.exports.write"
        officer = bearer("persona:municipal_officer:peje", scope)

        refused = await client.post("/v1/exports", json=wanted, headers=bearer("nobody", scope))
        asked = await client.post("/v1/exports", json=wanted, headers=officer)

        assert (refused.status_code, asked.status_code) == (403, 202)
