"""Servers that the operator names, and our own beside them."""

from pathlib import Path

import asyncpg
import pytest

from komuna_deploy.errors import OperatorError
from komuna_deploy.home import Home
from komuna_deploy.postgres import bootstrap, cluster
from komuna_deploy.postgres.roles import KEYSTORE_ROOMS, SERVICE_ROOMS
from komuna_deploy.run import databases
from komuna_deploy.run.databases import Databases, UnreachableDatabaseError
from komuna_deploy.settings import KEYSTORE, SERVICES


def _named(url: str) -> dict[str, str]:
    return dict.fromkeys((*SERVICES, KEYSTORE), url)


@pytest.fixture
async def clerk(server: cluster.Server) -> str:
    """The address of a login that may do nothing."""
    admin = await asyncpg.connect(server.dsn())
    await admin.execute("create role clerk login password 'word'")
    await admin.close()
    return server.dsn().replace(f"postgres:{server.password}", "clerk:word")


def _databases(url: str, passwords: dict[str, str]) -> Databases:
    houses = list(databases.rooms_by_address(_named(url)).items())
    return Databases(houses=houses, passwords=passwords)


@pytest.fixture
def passwords() -> dict[str, str]:
    return bootstrap.new_passwords((*SERVICE_ROOMS, *KEYSTORE_ROOMS))


class TestRoomsByAddress:
    def test_puts_each_service_where_it_was_named(self) -> None:
        url = "postgresql://me@one"
        named = _named(url) | {"referrals": "postgresql://me@two/cases", KEYSTORE: "postgresql://k"}

        found = databases.rooms_by_address(named)

        assert [(r.name, r.database) for r in found[url]] == [
            ("registry", "komuna"),
            ("indicators", "komuna"),
        ]
        assert [(r.name, r.database) for r in found["postgresql://me@two/cases"]] == [
            ("referrals", "cases")
        ]
        assert found["postgresql://k"] == KEYSTORE_ROOMS


class TestUrl:
    def test_is_spelled_as_sqlalchemy_wants_it(self, passwords: dict[str, str]) -> None:
        found = _databases("postgresql://me@one:5433/postgres?sslmode=require", passwords)
        password = passwords["registry_app"]
        assert found.url("registry_app") == (
            f"postgresql+asyncpg://registry_app:{password}@one:5433/komuna?ssl=require"
        )


class TestFurnish:
    async def test_makes_what_an_administrator_may_make(
        self, server: cluster.Server, passwords: dict[str, str]
    ) -> None:
        found = _databases(server.dsn(), passwords)

        await databases.furnish(found)

        entered = found.url("keystore_referrals_app").replace("+asyncpg", "")
        await (await asyncpg.connect(entered)).close()

    async def test_hands_the_sql_to_who_may_not(
        self, clerk: str, passwords: dict[str, str]
    ) -> None:
        with pytest.raises(bootstrap.NotAdministratorError):
            await databases.furnish(_databases(clerk, passwords))

    async def test_is_content_once_an_administrator_has_run_it(
        self, server: cluster.Server, clerk: str, passwords: dict[str, str]
    ) -> None:
        for rooms in (SERVICE_ROOMS, KEYSTORE_ROOMS):
            await bootstrap.ensure(server.dsn(), rooms, passwords)
        admin = await asyncpg.connect(server.dsn())
        await admin.execute("grant connect on database postgres to clerk")
        await admin.close()

        await databases.furnish(_databases(clerk, passwords))

    async def test_takes_no_roles_from_another_komuna(
        self, server: cluster.Server, passwords: dict[str, str]
    ) -> None:
        await bootstrap.ensure(server.dsn(), SERVICE_ROOMS, passwords)
        others = bootstrap.new_passwords((*SERVICE_ROOMS, *KEYSTORE_ROOMS))

        with pytest.raises(OperatorError, match="other passwords: registry_migrate, registry_app"):
            await databases.furnish(_databases(server.dsn(), others))

        found = _databases(server.dsn(), passwords)
        entered = found.url("registry_app").replace("+asyncpg", "")
        await (await asyncpg.connect(entered)).close()

    async def test_goes_on_with_what_a_broken_off_start_began(
        self, server: cluster.Server, passwords: dict[str, str]
    ) -> None:
        await bootstrap.ensure(server.dsn(), SERVICE_ROOMS[:1], passwords)
        await databases.furnish(_databases(server.dsn(), passwords))

    async def test_says_when_the_server_lets_nobody_in(self, passwords: dict[str, str]) -> None:
        with pytest.raises(UnreachableDatabaseError, match=r"127\.0\.0\.1:1 does not"):
            await databases.furnish(_databases("postgresql://me:word@127.0.0.1:1/x", passwords))


class TestKeepPasswords:
    def test_keeps_them_for_the_next_start(self, folder: Path) -> None:

        home = Home(folder)
        home.prepare()
        assert databases.keep_passwords(home) == databases.keep_passwords(home)
