"""The smallest service there can be, on a database of its own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from komuna_shared.app import serve
from komuna_shared.database import Database
from komuna_shared.testing import Issuer, asgi_client
from tests.databases import ServiceDatabase, database_fixture, settings_fixture
from tests.shared.sample import make_api

notes = database_fixture("notes", "tests.shared.notes")
settings = settings_fixture("notes")


@pytest.fixture
async def database(notes: ServiceDatabase) -> AsyncIterator[Database]:
    """The notes, as their service has them open."""
    async with notes.opened() as database:
        yield database


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sample's issuer publishes its keys."""
    return tmp_path_factory.mktemp("sample")


@pytest.fixture
def call(issuer: Issuer) -> Callable[..., dict[str, str]]:
    """Return headers with a token for the scopes, in English."""

    def headers(*scopes: str, **claims: Any) -> dict[str, str]:
        token = issuer.token("persona:tests", scopes, **claims)
        return {"authorization": f"Bearer {token}", "accept-language": "en"}

    return headers


@pytest.fixture
async def client(issuer: Issuer, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the sample service, through every layer but the socket."""
    async with asgi_client(serve(make_api(issuer, folder))) as client:
        yield client
