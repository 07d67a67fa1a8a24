"""The smallest service there can be, on a database of its own."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from komuna_shared.app import serve
from komuna_shared.database import Database
from komuna_shared.settings import ServiceSettings
from komuna_shared.testing import Issuer, asgi_client
from tests.databases import ServiceDatabase, database_fixture, settings_fixture
from tests.shared.notes.main import create_api

notes = database_fixture("notes", "tests.shared.notes")
settings = settings_fixture("notes")


@pytest.fixture
async def database(notes: ServiceDatabase) -> AsyncIterator[Database]:
    """The notes, as their service has them open."""
    async with notes.opened() as database:
        yield database


@pytest.fixture
async def api(settings: ServiceSettings) -> FastAPI:
    """The service of the notes."""
    return create_api(settings)


@pytest.fixture
async def client(api: FastAPI) -> AsyncIterator[AsyncClient]:
    """Somebody who speaks to the service of the notes."""
    async with asgi_client(serve(api)) as client:
        yield client


@pytest.fixture
def writer(issuer: Issuer) -> dict[str, str]:
    """The headers of somebody who may write, import and export."""
    scopes = ["notes.notes.write", "notes.imports.write", "notes.exports.write"]
    return {"Authorization": f"Bearer {issuer.token('writer-1', scopes)}", "Accept-Language": "en"}
