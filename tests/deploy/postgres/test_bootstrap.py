"""Making rooms on a server, whoever administers it."""

import subprocess
from dataclasses import dataclass

import asyncpg
import pytest

from komuna_deploy.postgres import binaries, bootstrap, cluster, drift, roles
from komuna_deploy.postgres.bootstrap import NotAdministratorError
from komuna_deploy.postgres.roles import KEYSTORE_ROOMS, SERVICE_ROOMS, Room


@dataclass
class Server:
    """A server with administrators of different powers."""

    running: cluster.Server
    passwords: dict[str, str]

    async def login(self, name: str, powers: str) -> str:
        """Make a login and return its address."""
        connection = await asyncpg.connect(self.running.dsn())
        await connection.execute(f"create role {name} login password 'word' {powers}")
        await connection.close()
        return self.running.dsn().replace(f"postgres:{self.running.password}", f"{name}:word")

    async def shows(self, room: Room, role: str, name: str) -> object:
        """Log in as a role and ask for a setting."""
        address = bootstrap.dsn(self.running.dsn(), room, role, self.passwords)
        connection = await asyncpg.connect(address)
        try:
            return await connection.fetchval(f"show {name}")
        finally:
            await connection.close()


@pytest.fixture
def foreign(server: cluster.Server) -> Server:
    return Server(server, bootstrap.new_passwords((*SERVICE_ROOMS, *KEYSTORE_ROOMS)))


class TestEnsure:
    async def test_leaves_the_same_when_run_again(self, foreign: Server) -> None:
        for _ in range(2):
            await bootstrap.ensure(foreign.running.dsn(), SERVICE_ROOMS, foreign.passwords)
        here = bootstrap.at_database(foreign.running.dsn(), roles.DATABASE)
        assert await drift.find_drift(here, SERVICE_ROOMS, ours=False) != []  # fsync is off here
        assert [
            one
            for one in await drift.find_drift(here, SERVICE_ROOMS, ours=False)
            if not one.startswith("The server has")
        ] == []

    async def test_needs_no_superuser(self, foreign: Server) -> None:
        admin = await foreign.login("minister", "createrole createdb")

        for _ in range(2):
            await bootstrap.ensure(admin, SERVICE_ROOMS, foreign.passwords, ours=False)

        room = SERVICE_ROOMS[0]
        path = await foreign.shows(room, room.app, "search_path")
        assert path == "registry, extensions"

    async def test_gives_a_copied_database_its_rights(self, foreign: Server) -> None:
        await bootstrap.ensure(foreign.running.dsn(), SERVICE_ROOMS, foreign.passwords)
        connection = await asyncpg.connect(foreign.running.dsn())
        await connection.execute("create database copy template komuna")
        await connection.close()

        copies = bootstrap.in_database(SERVICE_ROOMS, "copy")
        await bootstrap.ensure(foreign.running.dsn(), copies, foreign.passwords)

        assert await foreign.shows(copies[1], copies[1].app, "search_path") == (
            "indicators, extensions"
        )

    async def test_refuses_who_may_not_with_the_sql_for_one_who_may(self, foreign: Server) -> None:
        clerk = await foreign.login("clerk", "")
        with pytest.raises(NotAdministratorError) as refused:
            await bootstrap.ensure(clerk, SERVICE_ROOMS, foreign.passwords, ours=False)
        assert "create role registry_app" in refused.value.sql

    async def test_refuses_an_administrator_of_other_roles(self, foreign: Server) -> None:
        await bootstrap.ensure(foreign.running.dsn(), SERVICE_ROOMS, foreign.passwords)
        other = await foreign.login("minister", "createrole createdb")
        with pytest.raises(NotAdministratorError):
            await bootstrap.ensure(other, SERVICE_ROOMS, foreign.passwords, ours=False)


class TestSqlForAdministrator:
    @pytest.mark.parametrize("rooms", [SERVICE_ROOMS, KEYSTORE_ROOMS])
    @pytest.mark.parametrize("times", [1, 2])
    async def test_does_all_when_psql_runs_it(
        self, foreign: Server, rooms: tuple[Room, ...], times: int
    ) -> None:
        sql = bootstrap.sql_for_administrator(rooms, foreign.passwords)

        for _ in range(times):
            _psql(foreign.running, sql)

        for room in rooms:
            assert await foreign.shows(room, room.app, "statement_timeout") == "5s"
            assert await foreign.shows(room, room.migrate, "role") == room.owner

    def test_holds_no_password(self) -> None:
        passwords = bootstrap.new_passwords(SERVICE_ROOMS)
        sql = bootstrap.sql_for_administrator(SERVICE_ROOMS, passwords)
        assert not [word for word in passwords.values() if word in sql]


def _psql(server: cluster.Server, sql: str) -> None:
    program = binaries.find().folder / "psql"
    command = [str(program), server.dsn(), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
