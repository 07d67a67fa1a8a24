"""Who reads and keeps contacts, and what they send."""

from typing import Any

import pytest
from httpx import AsyncClient, Response

from tests.databases import ServiceDatabase
from tests.registry.conftest import Bearer, Headers, Import, MakeSettings, importer

READ, WRITE, FILES = "registry.contacts.read", "registry.contacts.write", "registry.imports.write"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CONTACT = {
    "municipality": "Priština",
    "kind": "Zyrtar për barazi gjinore",
    "name": "Nora Shembull",
    "email": "nora@prishtine.example",
    "telephone": "+383 38 000 900",
    "languages": ["sq", "sr-Latn"],
    "valid_from": "2026-03",
}


@pytest.fixture
def officer(bearer: Bearer) -> Headers:
    """The headers of an officer of Prishtinë."""
    return bearer("persona:municipal_officer:prishtine", READ, WRITE, FILES)


async def add(client: AsyncClient, headers: Headers, **changes: Any) -> Response:
    """Send a new contact."""
    return await client.post("/v1/contacts", json=CONTACT | changes, headers=headers)


async def read_list(client: AsyncClient, headers: Headers, **query: str) -> list[dict[str, Any]]:
    """Return one page of the list."""
    answer = await client.get("/v1/contacts", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


@pytest.fixture
def shared_bring_in(
    reads: AsyncClient, read_only: ServiceDatabase, make_settings: MakeSettings
) -> Import:
    """Send a file that is refused, so that the database may be everybody's."""
    made: Import = importer(reads, read_only, make_settings(read_only))
    return made
