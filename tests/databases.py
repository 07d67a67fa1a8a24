"""Databases for tests: one server, one migrated template for each service, a copy for each test.

A service's `conftest.py` needs these lines (tests/shared/conftest.py does the same for its notes):

    database = database_fixture("registry", "komuna_registry")
    settings = settings_fixture("database")

    @pytest.fixture
    async def client(settings: ServiceSettings) -> AsyncIterator[httpx.AsyncClient]:
        async with asgi_client(serve(create_api(settings))) as client:
            yield client

`database` is a `ServiceDatabase`, fresh for every test (some 60 ms); with `scope="module"` the
tests of a file share one. `settings` trust the tokens of the `issuer` fixture. A module-scoped
`database` wants `settings_fixture("database", scope="module")`.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from pydantic import SecretStr

from komuna_deploy.postgres import bootstrap, tickets
from komuna_deploy.postgres.roles import Room
from komuna_shared.database import Database
from komuna_shared.settings import ServiceSettings
from komuna_shared.testing import Issuer

Scope = Literal["function", "module", "session"]
CURSOR_KEY = SecretStr("a key that only these tests know and use")
# Random, as referrals demands of them; what they open lives as long as a test.
ROOT_KEY = SecretStr("XQTkCn1oI84QtgTb41gugHFHPXGJdaJRtAiVHMNeJ8A")
BLIND_INDEX_KEY = SecretStr("exZxCEqOaRMDYAgwCM4PIfrVZlqoz5-H4KF35Y3nwes")
# As the gateway of a run would have it.
TICKET_KEY = "a key for tickets that only these tests use"


@dataclass
class Server:
    """A PostgreSQL server on which tests may make databases and roles."""

    admin: str
    passwords: dict[str, str] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    databases: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=count)

    def at(self, database: str) -> str:
        """Return the administrator's address of a database."""
        return urlunsplit(urlsplit(self.admin)._replace(path=f"/{database}"))

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Execute one statement as the administrator."""
        _run(_execute(self.at(database), statement))

    def furnish(self, room: Room) -> None:
        """Make the database of a room where it is missing, and its roles and schema in it."""
        for login in set(room.logins) - self.passwords.keys():
            self.passwords |= bootstrap.new_passwords([room])
            assert login in self.passwords
        _run(bootstrap.ensure(self.admin, [room], self.passwords, ours=False))

    def name(self, service: str) -> str:
        """Return a name that no other database on the server has, and remember to drop it."""
        name = f"test_{os.getpid()}_{service}_{next(self.numbers)}"
        self.databases.add(name)
        return name

    def template(self, service: str, package: str | None) -> str:
        """Return the database that a service's real migrations made, once for all tests."""
        if service not in self.templates:
            made = ServiceDatabase(self, Room(service, self.name(service)))
            self.furnish(made.room)
            if made.room.is_walled:
                _run(tickets.install(made.plain(made.room.migrate), made.room, TICKET_KEY))
            if package is not None:
                made.migrate(package)
            self.templates[service] = made.room.database
        return self.templates[service]

    def copy(self, service: str, package: str | None) -> "ServiceDatabase":
        """Return a fresh database of a service."""
        copy = ServiceDatabase(self, Room(service, self.name(service)))
        template = self.template(service, package)
        self.execute(f"create database {copy.room.database} template {template}")
        self.furnish(copy.room)  # Grants and settings of a database are not copied with it.
        return copy

    def drop(self, database: str) -> None:
        """Drop a database, and whoever is still in it."""
        self.execute(f"drop database if exists {database} with (force)")
        self.databases.discard(database)


@dataclass
class ServiceDatabase:
    """One database of one service."""

    server: Server
    room: Room

    @cached_property
    def url(self) -> str:
        """The address at which the service works."""
        return self._url(self.room.app)

    @cached_property
    def migrate_url(self) -> str:
        """The address at which migrations run."""
        return self._url(self.room.migrate)

    @property
    def admin(self) -> str:
        """The administrator's plain address, for what no role of the service may do."""
        return self.server.at(self.room.database)

    @property
    def worker_url(self) -> str:
        """The address at which the service's worker works."""
        return self._url(self.room.worker)

    def plain(self, role: str) -> str:
        """Return the address at which a role enters, as asyncpg spells it."""
        return bootstrap.dsn(self.server.admin, self.room, role, self.server.passwords)

    def _url(self, role: str) -> str:
        return self.plain(role).replace("postgresql://", "postgresql+asyncpg://", 1)

    def migrate(self, package: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the migrations of a package as an operator would; raise with what they said."""
        command = [sys.executable, "-m", "komuna_shared.migrations", package, *arguments]
        environment = os.environ | {"KOMUNA_MIGRATE_URL": self.migrate_url}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        if done.returncode != 0:
            raise RuntimeError(f"The migrations of {package} failed:\n{done.stderr}")
        return done

    @asynccontextmanager
    async def opened(self, **options: Any) -> AsyncIterator[Database]:
        """Open the database as the service does."""
        database = Database(self.url, service=self.room.name, **options)
        try:
            yield database
        finally:
            await database.close()

    async def fetch(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Return what a statement answers to the service's app role."""
        connection = await asyncpg.connect(self.url.replace("+asyncpg", ""))
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()


def database_fixture(
    service: str, package: str | None, *, scope: Scope = "function"
) -> Callable[..., Any]:
    """Return a fixture that gives a `ServiceDatabase`; without a package it stays empty."""

    @pytest.fixture(scope=scope)
    def database(postgres: Server) -> Iterator[ServiceDatabase]:
        copy = postgres.copy(service, package)
        yield copy
        postgres.drop(copy.room.database)

    return database


def settings_fixture(
    database: str,
    *,
    kind: type[ServiceSettings] = ServiceSettings,
    scope: Scope = "function",
    **more: Any,
) -> Callable[..., Any]:
    """Return a fixture that gives the settings of a service on the database fixture named."""

    @pytest.fixture(scope=scope)
    def settings(request: pytest.FixtureRequest, issuer: Issuer, jwks_url: str) -> ServiceSettings:
        found: ServiceDatabase = request.getfixturevalue(database)
        values: dict[str, Any] = {
            "issuer": issuer.url,
            "jwks_url": jwks_url,
            "cursor_key": CURSOR_KEY,
            "database_url": SecretStr(found.url),
        }
        return kind(**(values | more))

    return settings


def _run(coroutine: Coroutine[Any, Any, Any]) -> None:
    # Fixtures run between the turns of pytest's own loop, which must stay the current one.
    with asyncio.Runner() as runner:
        runner.run(coroutine)


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
