"""Who lends a role, who borrows it, and what the services are told."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from komuna_registry.clock import today
from komuna_shared.testing import Issuer
from tests.registry.conftest import Bearer, Headers

READ, LEND = "registry.me.read", "registry.delegations.write"
ADMIN = ("registry.assignments.read", "registry.assignments.write")
OFFICER, OTHER = "persona:municipal_officer:prishtine", "persona:municipal_officer:viti"


@pytest.fixture
def lender(bearer: Bearer) -> Headers:
    """The headers of an officer of Prishtinë."""
    return bearer(OFFICER, READ, LEND)


@pytest.fixture
def borrower(bearer: Bearer) -> Headers:
    """The headers of an officer of Viti."""
    return bearer(OTHER, READ, LEND)


@pytest.fixture
async def own(client: AsyncClient, lender: Headers) -> str:
    """The assignment of the officer of Prishtinë."""
    return await held(client, lender, "prishtine")


async def held(client: AsyncClient, headers: Headers, municipality: str) -> str:
    """Return the one assignment that somebody has for a municipality."""
    me = (await client.get("/v1/me", headers=headers)).json()
    [one] = [one for one in me["assignments"] if one["municipality"] == municipality]
    found: str = one["id"]
    return found


async def lend(client: AsyncClient, headers: Headers, own: str, **changes: Any) -> Response:
    wanted = {
        "subject": OTHER,
        "valid_from": today().isoformat(),
        "valid_until": (today() + timedelta(days=14)).isoformat(),
        "source": "Leave of August",
    }
    return await client.post(
        f"/v1/assignments/{own}/delegations", json=wanted | changes, headers=headers
    )


async def changes(client: AsyncClient, issuer: Issuer) -> dict[str, dict[str, Any]]:
    """Return the last change of each assignment, as the services read them."""
    token = issuer.service_token("referrals", ["service.assignments.read"])
    headers = {"Authorization": f"Bearer {token}"}
    found: dict[str, dict[str, Any]] = {}
    cursor = ""
    while True:
        query = {"limit": "200"} | ({"since": cursor} if cursor else {})
        page = (await client.get("/v1/changes", params=query, headers=headers)).json()
        found |= {one["id"]: one for one in page["items"] if one["type"] == "assignment"}
        if len(page["items"]) < 200:
            return found
        cursor = page["page"]["next_cursor"]
