"""Where a server differs from what we set: roles may change their own defaults."""

from collections.abc import Mapping, Sequence

import asyncpg

from . import roles, server_settings
from .roles import Room

_SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}

_ROLE_SETTINGS = """
    select r.rolname, coalesce(d.datname, '') as datname, s.setconfig
    from pg_db_role_setting s
    join pg_roles r on r.oid = s.setrole
    left join pg_database d on d.oid = s.setdatabase
    where r.rolname = any($1)
"""
_POWERS = """
    select rolname from pg_roles
    where rolname = any($1)
      and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication)
"""
_MAKERS = """
    select role from unnest($1::text[]) as role
    where has_schema_privilege(role, $2, 'create')
       or has_database_privilege(role, current_database(), 'temp')
"""


async def find_drift(server: str, rooms: Sequence[Room], *, ours: bool) -> list[str]:
    """Return one sentence for each difference, for the rooms of one database."""
    connection = await asyncpg.connect(server, timeout=10)
    try:
        found = await _server_drift(connection, ours=ours)
        for room in rooms:
            found += await _role_drift(connection, room)
        return found
    finally:
        await connection.close()


async def _server_drift(connection: asyncpg.Connection, *, ours: bool) -> list[str]:
    wanted = server_settings.ALWAYS | _SAFE if ours else _SAFE
    found = []
    for name, value in wanted.items():
        actual = await connection.fetchval("select current_setting($1, true)", name)
        if actual != value:
            found.append(f"The server has {name} = {actual}; it should be {value}.")
    return found


async def _role_drift(connection: asyncpg.Connection, room: Room) -> list[str]:
    wanted = roles.role_settings(room)
    found = []
    for row in await connection.fetch(_ROLE_SETTINGS, list(wanted)):
        if row["datname"] not in ("", room.database):
            continue
        actual = dict(one.split("=", 1) for one in row["setconfig"])
        expected = wanted.pop(row["rolname"]) if row["datname"] else {}
        found += [f"{row['rolname']}: {text}" for text in _differences(expected, actual)]
    found += [f"{role}: none of its settings is there." for role in wanted]
    quiet = [room.owner, room.context] if room.is_walled else [room.owner]
    for row in await connection.fetch(_POWERS, [*room.logins, *quiet]):
        found.append(f"{row['rolname']} has powers over the whole server.")
    working = [one for one in room.logins if one != room.migrate]
    for row in await connection.fetch(_MAKERS, working, room.name):
        found.append(f"{row['role']} may create objects.")
    return found


def _differences(expected: Mapping[str, str], actual: Mapping[str, str]) -> list[str]:
    names = sorted(expected.keys() | actual.keys())
    return [
        f"{name} is {actual.get(name, 'not set')}, it should be {expected.get(name, 'not set')}."
        for name in names
        if expected.get(name) != actual.get(name)
    ]
