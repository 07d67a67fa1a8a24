"""The database servers of this run: our own, or those the operator names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from komuna_deploy.errors import Exit, OperatorError
from komuna_deploy.home import Home
from komuna_deploy.postgres import bootstrap, cluster, scram, tickets
from komuna_deploy.postgres.roles import DATABASE, KEYSTORE_ROOMS, SERVICE_ROOMS, Room
from komuna_deploy.secret_files import TICKET_KEY
from komuna_deploy.settings import KEYSTORE, MAIN, SERVICES, Settings

_REFUSALS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Entry(Enum):
    """How a role of ours is met at its room's door."""

    OPEN = auto()
    CLOSED = auto()
    WRONG_PASSWORD = auto()


class UnreachableDatabaseError(OperatorError):
    """The server the operator named does not let us in."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        super().__init__(
            f"The database server {place.hostname}:{place.port or 5432} does not let us in.",
            "Check that it runs, and the name and password in its address.",
            code=Exit.TRY_AGAIN,
        )


@dataclass
class Databases:
    """Running servers, and how each role enters its room."""

    servers: list[cluster.Server] = field(default_factory=list)
    # The administrator's address and the rooms behind it.
    houses: list[tuple[str, tuple[Room, ...]]] = field(default_factory=list)
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)

    def has(self, role: str) -> bool:
        """Say whether a role has a room here."""
        return any(role in room.logins for _, rooms in self.houses for room in rooms)

    def url(self, role: str) -> str:
        """Return the address at which a role enters, as SQLAlchemy spells it."""
        server, room = next(
            (server, room) for server, rooms in self.houses for room in rooms if role in room.logins
        )
        plain = bootstrap.dsn(server, room, role, self.passwords)
        spelled = plain.replace("postgresql://", "postgresql+asyncpg://", 1)
        return spelled.replace("sslmode=", "ssl=")

    def revive(self) -> list[Path]:
        """Start again the servers of ours that have died, and return their logs."""
        return [server.log for server in self.servers if server.revive()]

    def stop(self) -> None:
        """Stop the servers that are ours, side by side."""
        for server in self.servers:
            server.ask_to_stop()
        for server in self.servers:
            server.stop(timeout=0.75)


def keep_passwords(home: Home) -> dict[str, str]:
    """Return the password of every role, made once for this data folder."""
    logins = [login for room in (*SERVICE_ROOMS, *KEYSTORE_ROOMS) for login in room.logins]
    return {login: home.secret(f"role_{login}", scram.new_password) for login in logins}


def open_servers(settings: Settings, home: Home, databases: Databases) -> None:
    """Start the embedded servers that are needed, and say who administers which rooms."""
    databases.passwords = keep_passwords(home)
    addresses = dict(settings.databases)
    if not set(SERVICES) <= addresses.keys():
        main = cluster.start(home.databases / MAIN, settings.ports.postgres)
        databases.servers.append(main)
        addresses = {name: main.dsn() for name in SERVICES} | addresses
    if KEYSTORE not in addresses:
        keys = cluster.start(home.databases / KEYSTORE, settings.ports.keystore, small=True)
        databases.servers.append(keys)
        addresses[KEYSTORE] = keys.dsn()
    databases.houses = list(rooms_by_address(addresses).items())


def rooms_by_address(addresses: Mapping[str, str]) -> dict[str, tuple[Room, ...]]:
    """Return the rooms behind each administrator's address, given by service and for the keys."""
    found: dict[str, list[Room]] = {}
    for room in SERVICE_ROOMS:
        url = addresses[room.name]
        found.setdefault(url, []).extend(bootstrap.in_database([room], _database(url)))
    found.setdefault(addresses[KEYSTORE], []).extend(KEYSTORE_ROOMS)
    return {url: tuple(rooms) for url, rooms in found.items()}


async def furnish(databases: Databases) -> None:
    """Make what is missing: databases, roles, schemas."""
    ours = {server.dsn() for server in databases.servers}
    for url, rooms in databases.houses:
        if url in ours:
            await bootstrap.ensure(url, rooms, databases.passwords)
        else:
            await _furnish_elsewhere(url, rooms, databases.passwords)


async def install_ticket_key(databases: Databases, home: Home) -> None:
    """Let the rooms behind a second wall believe the gateway's tickets."""
    for url, rooms in databases.houses:
        for room in filter(lambda one: one.is_walled, rooms):
            address = bootstrap.dsn(url, room, room.migrate, databases.passwords)
            await tickets.install(address, room, home.secret(TICKET_KEY))


async def _furnish_elsewhere(url: str, rooms: Sequence[Room], passwords: Mapping[str, str]) -> None:
    try:
        known = await bootstrap.existing_roles(url, rooms)
    except _REFUSALS:
        raise UnreachableDatabaseError(url) from None
    entries = {
        role: await _enter(bootstrap.dsn(url, room, role, passwords))
        for room in rooms
        for role in room.logins
        if role in known
    }
    foreign = [role for role, entry in entries.items() if entry is Entry.WRONG_PASSWORD]
    if foreign:
        # Setting their passwords would lock out whoever uses them now.
        raise OperatorError(
            f"The server already has roles with other passwords: {', '.join(foreign)}.",
            "Start with the data folder that made them (KOMUNA_HOME), or have an administrator "
            "drop them.",
        )
    try:
        await bootstrap.ensure(url, rooms, passwords, ours=False)
    except bootstrap.NotAdministratorError:
        everyone = {role for room in rooms for role in room.logins}
        if {role for role, entry in entries.items() if entry is Entry.OPEN} != everyone:
            raise


async def _enter(address: str) -> Entry:
    try:
        connection = await asyncpg.connect(address, timeout=10)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        return Entry.WRONG_PASSWORD
    except _REFUSALS:
        return Entry.CLOSED
    await connection.close()
    return Entry.OPEN


def _database(url: str) -> str:
    named = urlsplit(url).path.strip("/")
    return DATABASE if named in ("", "postgres") else named
