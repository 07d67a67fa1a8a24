"""Settings that are no longer ours."""

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from komuna_deploy.postgres import bootstrap, cluster, drift
from komuna_deploy.postgres.roles import SERVICE_ROOMS

_ROOM = SERVICE_ROOMS[0]


@pytest.fixture
def durable(folder: Path) -> Iterator[cluster.Server]:
    running = cluster.start(folder / "main")
    yield running
    running.stop()


@pytest.fixture
async def passwords(durable: cluster.Server) -> dict[str, str]:
    made = bootstrap.new_passwords(SERVICE_ROOMS)
    await bootstrap.ensure(durable.dsn(), SERVICE_ROOMS, made)
    return made


class TestFindDrift:
    async def test_finds_none_in_what_we_made(
        self, durable: cluster.Server, passwords: dict[str, str]
    ) -> None:
        assert passwords
        assert await drift.find_drift(durable.dsn("komuna"), SERVICE_ROOMS, ours=True) == []

    async def test_finds_a_role_that_changed_its_own_search_path(
        self, durable: cluster.Server, passwords: dict[str, str]
    ) -> None:
        mine = await asyncpg.connect(bootstrap.dsn(durable.dsn(), _ROOM, _ROOM.app, passwords))
        await mine.execute("alter role current_user in database komuna set search_path = public")
        await mine.execute("alter role current_user set statement_timeout = 0")
        await mine.close()

        found = await drift.find_drift(durable.dsn("komuna"), SERVICE_ROOMS, ours=True)

        assert sorted(found) == [
            "registry_app: search_path is public, it should be registry, extensions.",
            "registry_app: statement_timeout is 0, it should be not set.",
        ]

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ("alter role registry_app createrole", "registry_app has powers over"),
            ("grant create on schema registry to registry_app", "registry_app may create objects."),
            ("grant temp on database komuna to public", "registry_app may create objects."),
            (
                "alter role registry_migrate in database komuna reset all",
                "registry_migrate: none of its settings is there.",
            ),
        ],
    )
    async def test_finds_what_an_administrator_changed(
        self, durable: cluster.Server, passwords: dict[str, str], change: str, sentence: str
    ) -> None:
        assert passwords
        admin = await asyncpg.connect(durable.dsn("komuna"))
        await admin.execute(change)
        await admin.close()

        found = await drift.find_drift(durable.dsn("komuna"), [_ROOM], ours=True)

        assert len(found) == 1
        assert sentence in found[0]

    async def test_finds_a_server_that_may_lose_data(self, folder: Path) -> None:
        careless = cluster.start(folder / "careless", durable=False)
        try:
            found = await drift.find_drift(careless.dsn(), [], ours=True)
        finally:
            careless.stop()
        assert "The server has fsync = off; it should be on." in found
