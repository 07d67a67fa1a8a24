"""The feed that others follow."""

from typing import Any

from httpx import AsyncClient

from komuna_shared.testing import Issuer
from tests.registry.conftest import Bearer, Headers

FEED = "service.assignments.read"
WANTED = {
    "subject": "persona:analyst",
    "role": "municipal_officer",
    "municipality": "prishtine",
    "valid_from": "2026-01-01",
    "source": "Decision 01-20",
}


class TestChanges:
    async def test_hides_assignments_from_everybody_but_the_services(
        self, client: AsyncClient, ops: Headers
    ) -> None:
        for headers in ({}, ops):
            types = {one["type"] for one in await read_feed(client, headers)}
            assert "municipality" in types
            assert "assignment" not in types

    async def test_shows_a_service_each_assignment_and_its_end(
        self, client: AsyncClient, bearer: Bearer, issuer: Issuer
    ) -> None:
        token = issuer.service_token("indicators", [FEED])
        service = {"Authorization": f"Bearer {token}"}
        scopes = ("registry.assignments.read", "registry.assignments.write")
        admin = bearer("persona:municipal_admin:prishtine", *scopes)
        made = await client.post("/v1/assignments", json=WANTED, headers=admin)
        await client.delete(
            f"/v1/assignments/{made.json()['id']}",
            headers={**admin, "If-Match": made.headers["etag"]},
        )

        feed = [one for one in await read_feed(client, service) if one["type"] == "assignment"]

        assert len(feed) == 174
        assert (feed[-1]["id"], feed[-1]["op"], feed[-1]["data"]) == (
            made.json()["id"],
            "delete",
            None,
        )
        assert feed[1]["data"].keys() == {
            *("issuer", "subject", "role", "institution", "municipality"),
            *("valid_from", "valid_until"),
        }


async def read_feed(client: AsyncClient, headers: Headers) -> list[dict[str, Any]]:
    """Read the whole feed, page by page."""
    found: list[dict[str, Any]] = []
    query = {"limit": "200"}
    while True:
        page = (await client.get("/v1/changes", params=query, headers=headers)).json()
        found += page["items"]
        if not page["items"]:
            return found
        query["since"] = page["page"]["next_cursor"]
