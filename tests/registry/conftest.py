"""The registry on real Postgres, with the files that `make run` loads, loaded as they are there."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from pydantic import SecretStr

from komuna_deploy.loader.manifest import read_manifests
from komuna_deploy.postgres.roles import Room
from komuna_registry.accounts.rules import Role
from komuna_registry.collections import make_collections
from komuna_registry.grant import grant_role
from komuna_registry.main import create_api
from komuna_registry.settings import Settings
from komuna_shared.app import serve
from komuna_shared.imports import import_jobs
from komuna_shared.testing import Issuer, asgi_client
from tests.databases import CURSOR_KEY, Server, ServiceDatabase

OPS = "registry-tests-ops"
Headers = dict[str, str]
Bearer = Callable[..., Headers]
MakeSettings = Callable[[ServiceDatabase], Settings]
Import = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(scope="session")
def make_settings(issuer: Issuer, jwks_url: str) -> MakeSettings:
    """Make the settings of a registry on some database; it sees every change at once."""

    def make(database: ServiceDatabase) -> Settings:
        return Settings(
            issuer=issuer.url,
            jwks_url=jwks_url,
            database_url=SecretStr(database.url),
            cursor_key=CURSOR_KEY,
            frame_seconds=0,
        )

    return make


@pytest.fixture(scope="session")
def bearer(issuer: Issuer) -> Bearer:
    """Make the headers of somebody with these scopes, who reads English."""

    def make(subject: str, *scopes: str) -> Headers:
        return {
            "Authorization": f"Bearer {issuer.token(subject, scopes)}",
            "Accept-Language": "en",
        }

    return make


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncIterator[AsyncClient]:
    async with asgi_client(serve(create_api(settings)), headers={"Accept-Language": "en"}) as one:
        yield one


def importer(client: AsyncClient, database: ServiceDatabase, settings: Settings) -> Any:
    """Make what sends a file to a service and lets the worker's job run."""

    async def bring_in(
        collection: str,
        body: bytes | str,
        headers: Headers,
        *,
        media: str = "text/csv",
        dry_run: bool = False,
    ) -> dict[str, Any]:
        answer = await client.post(
            "/v1/imports",
            params={"collection": collection, "dry_run": dry_run},
            content=body,
            headers={**headers, "Content-Type": media, "Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code == 202, answer.text
        [run] = import_jobs(make_collections(settings)).values()
        async with database.opened() as opened:
            await run(opened, {"import": answer.json()["id"]})
        done = await client.get(f"/v1/imports/{answer.json()['id']}", headers=headers)
        found: dict[str, Any] = done.json()
        return found

    return bring_in


@pytest.fixture(scope="session")
def empty(postgres: Server) -> ServiceDatabase:
    """A database that was only migrated."""
    return postgres.copy("registry", "komuna_registry")


@pytest.fixture(scope="session")
async def loaded(
    empty: ServiceDatabase, make_settings: MakeSettings, bearer: Bearer, issuer: Issuer
) -> ServiceDatabase:
    """A database with every file of the loader in it, brought in through the public import."""
    database = empty
    settings = make_settings(database)
    async with database.opened() as opened, opened.session() as session:
        await grant_role(session, issuer=issuer.url, subject=OPS, role=Role.OPS, name="Operator")
    ops = bearer(OPS, "registry.imports.write")
    async with _serving(settings) as client:
        bring_in = importer(client, database, settings)
        for load in read_manifests(services=["registry"]):
            body = load.path.read_bytes()
            done = await bring_in(load.collection, body, ops, media=load.media)
            problems = await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)
            assert done["state"] == "succeeded", (load.name, done, problems.text[:1000])
    return database


def copy_of(postgres: Server, loaded: ServiceDatabase) -> ServiceDatabase:
    """Make a database with everything loaded."""
    copy = ServiceDatabase(postgres, Room("registry", postgres.name("registry")))
    postgres.execute(f"create database {copy.room.database} template {loaded.room.database}")
    postgres.furnish(copy.room)
    return copy


@pytest.fixture(scope="session")
def read_only(postgres: Server, loaded: ServiceDatabase) -> ServiceDatabase:
    """A database with everything loaded that no test writes to."""
    return copy_of(postgres, loaded)


@pytest.fixture(scope="session")
async def reads(
    read_only: ServiceDatabase, make_settings: MakeSettings
) -> AsyncIterator[AsyncClient]:
    """Somebody without a token who only reads."""
    async with _serving(make_settings(read_only)) as client:
        yield client


@pytest.fixture
def registry(postgres: Server, loaded: ServiceDatabase) -> Iterator[ServiceDatabase]:
    """A database of this test's own, with everything loaded."""
    copy = copy_of(postgres, loaded)
    yield copy
    postgres.drop(copy.room.database)


@pytest.fixture
async def client(
    registry: ServiceDatabase, make_settings: MakeSettings
) -> AsyncIterator[AsyncClient]:
    """Somebody without a token who speaks to the service of this test's own database."""
    async with _serving(make_settings(registry)) as one:
        yield one


@pytest.fixture
def bring_in(client: AsyncClient, registry: ServiceDatabase, make_settings: MakeSettings) -> Import:
    """Send a file and let the worker's job run; return what became of it."""
    made: Import = importer(client, registry, make_settings(registry))
    return made


@pytest.fixture
def ops(bearer: Bearer) -> Headers:
    """The headers of the operator."""
    return bearer(
        OPS, "registry.imports.write", "registry.assignments.read", "registry.assignments.write"
    )
