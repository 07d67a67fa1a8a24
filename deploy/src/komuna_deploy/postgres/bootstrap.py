"""Make databases, roles and schemas on a server, again and again with the same result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from komuna_deploy.errors import Exit, OperatorError

from . import roles, scram
from .binaries import OLDEST
from .roles import Room


class NotAdministratorError(OperatorError):
    """The login we were given may not make roles and databases; `sql` is for one who may."""

    def __init__(self, sql: str) -> None:
        super().__init__(
            "This database login may not create roles and databases.",
            "Hand the SQL below to an administrator of the server (it holds no password, only "
            "their verifiers), then start again.",
            code=Exit.FAILURE,
        )
        self.sql = sql


def new_passwords(rooms: Iterable[Room]) -> dict[str, str]:
    """Return a fresh password for every login of these rooms."""
    return {login: scram.new_password() for room in rooms for login in room.logins}


def in_database(rooms: Iterable[Room], database: str) -> tuple[Room, ...]:
    """Return the same rooms in another database, such as a test's own."""
    return tuple(replace(room, database=database) for room in rooms)


def dsn(server: str, room: Room, role: str, passwords: Mapping[str, str]) -> str:
    """Return the address at which `role` enters its room on the server of an admin's address."""
    parts = urlsplit(server)
    place = parts.netloc.rpartition("@")[2]
    login = f"{quote(role)}:{quote(passwords[role], safe='')}"
    return urlunsplit((parts.scheme, f"{login}@{place}", f"/{room.database}", parts.query, ""))


async def ensure(
    server: str,
    rooms: Sequence[Room],
    passwords: Mapping[str, str],
    *,
    ours: bool = True,
) -> None:
    """Make the rooms on the server of this administrator's address.

    `ours` says the whole server is Komuna's, so that its other databases are closed too.
    Raises `NotAdministratorError` with the SQL when the login may not.
    """
    try:
        await _ensure(server, rooms, passwords, ours=ours)
    except asyncpg.InsufficientPrivilegeError:
        # May make roles, but not change these, which someone else made.
        raise NotAdministratorError(sql_for_administrator(rooms, passwords)) from None


async def _ensure(
    server: str, rooms: Sequence[Room], passwords: Mapping[str, str], *, ours: bool
) -> None:
    connection = await asyncpg.connect(server)
    try:
        superuser = await _check_rights(connection, rooms, passwords)
        await _run(connection, [s for r in rooms for s in roles.role_statements(r, passwords)])
        for database in dict.fromkeys(room.database for room in rooms):
            await _create_database(connection, database)
        if ours:
            await connection.execute("revoke connect on database postgres, template1 from public")
    finally:
        await connection.close()
    for database, inside in groupby(rooms, key=lambda room: room.database):
        await _furnish(at_database(server, database), database, list(inside), superuser=superuser)


async def existing_roles(server: str, rooms: Sequence[Room]) -> list[str]:
    """Return which of the logins of these rooms the server has already."""
    connection = await asyncpg.connect(server, timeout=10)
    try:
        logins = [login for room in rooms for login in room.logins]
        known = "select rolname from pg_roles where rolname = any($1) order by rolname"
        return [row["rolname"] for row in await connection.fetch(known, logins)]
    finally:
        await connection.close()


def sql_for_administrator(rooms: Sequence[Room], passwords: Mapping[str, str]) -> str:
    """Return everything `ensure` would do, as a script for psql."""
    lines = [f"{s};" for room in rooms for s in roles.role_statements(room, passwords)]
    for database, inside in groupby(rooms, key=lambda room: room.database):
        known = f"select from pg_database where datname = '{database}'"
        lines += [
            f"select '{_creation(database)}' where not exists ({known}) \\gexec".replace(
                "'C.UTF-8'", "''C.UTF-8''"
            ),
            f"\\connect {database}",
            *(f"{one};" for one in roles.database_statements(database)),
            *(f"{one};" for r in inside for one in roles.room_statements(r, superuser=False)),
        ]
    return "\n".join(lines)


async def _check_rights(
    connection: asyncpg.Connection, rooms: Sequence[Room], passwords: Mapping[str, str]
) -> bool:
    if connection.get_server_version().major < OLDEST:
        raise OperatorError(
            f"The server runs PostgreSQL {connection.get_server_version().major}.",
            f"Komuna needs PostgreSQL {OLDEST} or newer.",
        )
    row = await connection.fetchrow(
        "select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"
    )
    if not row["rolsuper"] and not (row["rolcreaterole"] and row["rolcreatedb"]):
        raise NotAdministratorError(sql_for_administrator(rooms, passwords))
    return bool(row["rolsuper"])


def _creation(database: str) -> str:
    # The builtin provider orders text alike on every machine.
    return (
        f"create database {database} template template0 encoding UTF8 "
        "locale_provider builtin builtin_locale 'C.UTF-8'"
    )


async def _create_database(connection: asyncpg.Connection, database: str) -> None:
    if not await connection.fetchval("select 1 from pg_database where datname = $1", database):
        await connection.execute(_creation(database))


async def _furnish(server: str, database: str, rooms: Sequence[Room], *, superuser: bool) -> None:
    connection = await asyncpg.connect(server)
    try:
        statements = roles.database_statements(database)
        for room in rooms:
            statements += roles.room_statements(room, superuser=superuser)
        await _run(connection, statements)
    finally:
        await connection.close()


async def _run(connection: asyncpg.Connection, statements: Sequence[str]) -> None:
    async with connection.transaction():
        # Two starts on one server would otherwise race between "does it exist" and "create".
        await connection.execute("select pg_advisory_xact_lock(hashtext('komuna bootstrap'))")
        await connection.execute(";\n".join(statements))


def at_database(server: str, database: str) -> str:
    """Return an administrator's address of another database of the same server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{database}"))
