"""The role of one service before the rooms of another: PostgreSQL itself refuses."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from komuna_deploy.postgres import bootstrap, cluster
from komuna_deploy.postgres.roles import KEYSTORE_ROOMS, SERVICE_ROOMS, Room

_ROOMS = (*SERVICE_ROOMS, *KEYSTORE_ROOMS)
_PAIRS = [
    pytest.param(room, role, other, id=f"{role} before {other.name}")
    for room in _ROOMS
    for role in room.logins
    for other in _ROOMS
    if other is not room
]
_APPS = [pytest.param(room, id=room.app) for room in _ROOMS]
_AT_THE_NEIGHBOURS = (
    "select * from {room}.treasure",
    "insert into {room}.treasure values (1)",
    "update {room}.treasure set n = 2",
    "delete from {room}.treasure",
    "truncate {room}.treasure",
    "lock table {room}.treasure",
    "drop table {room}.treasure",
    "create table {room}.mine (n int)",
    "select {room}.whisper()",
    "copy {room}.treasure to stdout",
    "grant {room}_owner to current_user",
    "set role {room}_owner",
    "set role {room}_app",
    "set session authorization {room}_app",
    "alter role {room}_app password 'mine'",
)
_TREASURE = """
    create table treasure (n int);
    insert into treasure values (7);
    create function whisper() returns int language sql as 'select 7';
"""
_AT_HOME = (
    "create table mine (n int)",
    "create temp table mine (n int)",
    "alter table treasure add column m int",
    "drop table treasure",
    "truncate treasure",
    "select whisper()",
    "create schema mine",
    "create function mine() returns int language sql as 'select 1'",
    "create database mine",
    "create role mine",
    "create extension unaccent schema extensions",
    "create table extensions.mine (n int)",
    "create table public.mine (n int)",
    "set role {room}_owner",
    "copy treasure to program 'cat'",
    "copy treasure from '/etc/passwd'",
    "select pg_read_file('/etc/passwd')",
    "select rolpassword from pg_authid",
    "alter system set fsync = off",
    "set session_replication_role = replica",
)


@dataclass
class House:
    """Both servers, every room, and something to lose in each."""

    servers: dict[str, str]
    passwords: dict[str, str]

    @asynccontextmanager
    async def entered(
        self, room: Room, role: str, *, before: Room | None = None
    ) -> AsyncIterator[asyncpg.Connection]:
        """Log in as a role where another room stands; its own, unless told."""
        there = before or room
        address = bootstrap.dsn(self.servers[there.name], there, role, self.passwords)
        connection = await asyncpg.connect(address)
        try:
            yield connection
        finally:
            await connection.close()


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str]]:
    folder = Path(tempfile.mkdtemp(prefix="komuna-walls-"))
    folder.chmod(0o711)
    main = cluster.start(folder / "main", durable=False)
    keys = cluster.start(folder / "keystore", durable=False, small=True)
    yield {
        **{room.name: main.dsn() for room in SERVICE_ROOMS},
        **{room.name: keys.dsn() for room in KEYSTORE_ROOMS},
    }
    main.stop()
    keys.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
async def house(servers: dict[str, str]) -> House:
    passwords = bootstrap.new_passwords(_ROOMS)
    made = House(servers, passwords)
    for rooms in (SERVICE_ROOMS, KEYSTORE_ROOMS):
        await bootstrap.ensure(servers[rooms[0].name], rooms, passwords)
    for room in _ROOMS:
        async with made.entered(room, room.migrate) as connection:
            await connection.execute(
                "create table treasure (n int); insert into treasure values (7)"
            )
            whisper = "create function whisper() returns int language sql as 'select 7'"
            await connection.execute(whisper)
    return made


class TestNeighbours:
    @pytest.mark.parametrize(("room", "role", "other"), _PAIRS)
    async def test_are_refused(self, house: House, room: Room, role: str, other: Room) -> None:
        if room.database != other.database:
            with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InsufficientPrivilegeError)):
                async with house.entered(room, role, before=other):
                    pass
            return
        async with house.entered(room, role) as connection:
            for attempt in _AT_THE_NEIGHBOURS:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with connection.transaction():
                        await connection.execute(attempt.format(room=other.name))

    @pytest.mark.parametrize("room", _APPS)
    async def test_lost_nothing(self, house: House, room: Room) -> None:
        async with house.entered(room, room.app) as connection:
            assert await connection.fetchval("select n from treasure") == 7

    @pytest.mark.parametrize("room", _APPS)
    @pytest.mark.parametrize("database", ["postgres", "template1"])
    async def test_share_no_other_database(self, house: House, room: Room, database: str) -> None:
        elsewhere = Room(room.name, database)
        address = bootstrap.dsn(house.servers[room.name], elsewhere, room.app, house.passwords)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(address)


class TestAppRole:
    @pytest.mark.parametrize("room", _APPS)
    async def test_reads_and_writes_rows_of_its_own(self, house: House, room: Room) -> None:
        async with house.entered(room, room.app) as connection:
            await connection.execute("insert into treasure values (8)")
            await connection.execute("update treasure set n = 9 where n = 8")
            assert await connection.execute("delete from treasure where n = 9") == "DELETE 1"

    @pytest.mark.parametrize("room", _APPS)
    @pytest.mark.parametrize("attempt", _AT_HOME)
    async def test_is_refused_everything_else(self, house: House, room: Room, attempt: str) -> None:
        async with house.entered(room, room.app) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(attempt.format(room=room.name))

    async def test_sees_and_ends_no_session_of_another(self, house: House) -> None:
        room, other = SERVICE_ROOMS[:2]
        async with (
            house.entered(room, room.app) as mine,
            house.entered(other, other.app) as theirs,
        ):
            pid = await theirs.fetchval("select pg_backend_pid()")
            seen = await mine.fetchval("select query from pg_stat_activity where pid = $1", pid)
            assert seen == "<insufficient privilege>"
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await mine.execute("select pg_terminate_backend($1)", pid)

    @pytest.mark.parametrize("room", _APPS)
    async def test_gives_up_waiting_in_time(self, house: House, room: Room) -> None:
        async with house.entered(room, room.app) as connection:
            for name, value in (
                ("statement_timeout", "5s"),
                ("lock_timeout", "2s"),
                ("idle_in_transaction_session_timeout", "10s"),
                ("search_path", f"{room.name}, extensions"),
            ):
                assert await connection.fetchval(f"show {name}") == value


class TestMigrateRole:
    @pytest.mark.parametrize("room", _APPS)
    async def test_makes_objects_that_belong_to_the_owner(self, house: House, room: Room) -> None:
        async with house.entered(room, room.migrate) as connection:
            owner = "select tableowner from pg_tables where schemaname = $1"
            assert await connection.fetchval(owner, room.name) == room.owner

    @pytest.mark.parametrize("room", _APPS)
    async def test_may_not_become_anyone_else(self, house: House, room: Room) -> None:
        async with house.entered(room, room.migrate) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("set role postgres")
