"""The smallest service there can be, on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from komuna_shared.database import Database
from tests.databases import ServiceDatabase, database_fixture, settings_fixture

notes = database_fixture("notes", "tests.shared.notes")
settings = settings_fixture("notes")


@pytest.fixture
async def database(notes: ServiceDatabase) -> AsyncIterator[Database]:
    """The notes, as their service has them open."""
    async with notes.opened() as database:
        yield database
