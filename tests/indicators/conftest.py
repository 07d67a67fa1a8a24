"""The indicators on real Postgres, with the files that `make run` loads, loaded as there."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from pydantic import SecretStr
from sqlalchemy import insert

from komuna_deploy.loader.manifest import read_manifests
from komuna_deploy.postgres.roles import Room
from komuna_indicators.main import DATASETS, create_api, make_collections
from komuna_indicators.municipalities.operations import copy_municipalities
from komuna_indicators.settings import Settings
from komuna_shared.app import serve
from komuna_shared.exports import export_jobs
from komuna_shared.imports import import_jobs
from komuna_shared.tables import assignment_copy
from komuna_shared.testing import Issuer, asgi_client
from tests.databases import CURSOR_KEY, Server, ServiceDatabase
from tests.indicators.feed import told_municipalities
from tests.indicators.journey import PEOPLE, Journey

# Nobody listens there: names are resolved from the copy, as when registry is down.
_NOBODY = "http://127.0.0.1:9"
SCOPE = "indicators.imports.write"
Headers = dict[str, str]
ANALYST = "analyst-1"
Bearer = Callable[..., Headers]
MakeSettings = Callable[[ServiceDatabase], Settings]
Import = Callable[..., Awaitable[dict[str, Any]]]
TakeOut = Callable[[str, str, Headers], Awaitable[bytes]]
Get = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture(scope="session")
def make_settings(issuer: Issuer, jwks_url: str) -> MakeSettings:
    """Make the settings of the service on some database; it sees every change at once."""

    def make(database: ServiceDatabase) -> Settings:
        return Settings(
            issuer=issuer.url,
            jwks_url=jwks_url,
            database_url=SecretStr(database.url),
            cursor_key=CURSOR_KEY,
            registry_url=_NOBODY,
            catalogue_seconds=0,
        )

    return make


@pytest.fixture(scope="session")
def bearer(issuer: Issuer) -> Bearer:
    """Make the headers of somebody with these scopes, who reads English."""

    def make(subject: str, *scopes: str) -> Headers:
        token = issuer.token(subject, scopes)
        return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    return make


@pytest.fixture
def analyst(bearer: Bearer) -> Headers:
    """The headers of somebody who may bring in figures."""
    return bearer(ANALYST, SCOPE)


async def _furnish(database: ServiceDatabase, issuer: Issuer) -> None:
    async with database.opened() as opened, opened.session() as session:
        await copy_municipalities(session, told_municipalities())
        held = {"issuer": issuer.url, "valid_from": date(2020, 1, 1), "version": 1}
        rows = [
            {"id": f"{who} {role}", "subject": who, "role": role, "municipality": place, **held}
            for who, role, place in PEOPLE
        ]
        await session.execute(insert(assignment_copy), rows)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[AsyncClient]:
    """Serve the indicators to somebody who reads English."""
    async with asgi_client(serve(create_api(settings)), headers={"Accept-Language": "en"}) as one:
        yield one


def importer(client: AsyncClient, database: ServiceDatabase, settings: Settings) -> Import:
    """Return what sends a file, runs the worker's job, and tells how it ended."""

    async def bring_in(
        collection: str,
        body: bytes | str,
        headers: Headers,
        *,
        media: str = "text/csv",
        **params: str,
    ) -> dict[str, Any]:
        answer = await client.post(
            "/v1/imports",
            params={"collection": collection, **params},
            content=body,
            headers={**headers, "Content-Type": media, "Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code == 202, answer.text
        [run] = import_jobs(make_collections(settings)).values()
        async with database.opened() as opened:
            await run(opened, {"import": answer.json()["id"]})
        job = f"/v1/imports/{answer.json()['id']}"
        done: dict[str, Any] = (await client.get(job, headers=headers)).json()
        problems = await client.get(f"{job}/problems", headers=headers)
        return done | {"problems": problems.json()["items"]}

    return bring_in


@pytest.fixture(scope="session")
def empty(postgres: Server) -> ServiceDatabase:
    """A database that was only migrated."""
    return postgres.copy("indicators", "komuna_indicators")


@pytest.fixture(scope="session")
async def loaded(
    empty: ServiceDatabase, make_settings: MakeSettings, bearer: Bearer, issuer: Issuer
) -> ServiceDatabase:
    """A database with every file of the loader in it, brought in through the public import."""
    await _furnish(empty, issuer)
    settings = make_settings(empty)
    analyst = bearer(ANALYST, SCOPE)
    async with serving(settings) as client:
        bring_in = importer(client, empty, settings)
        for load in read_manifests(services=["indicators"]):
            body = load.path.read_bytes()
            done = await bring_in(load.collection, body, analyst, media=load.media)
            assert done["state"] == "succeeded", (load.name, done)
    return empty


def _copy(postgres: Server, original: ServiceDatabase) -> ServiceDatabase:
    copy = ServiceDatabase(postgres, Room("indicators", postgres.name("indicators")))
    postgres.execute(f"create database {copy.room.database} template {original.room.database}")
    postgres.furnish(copy.room)
    return copy


@pytest.fixture(scope="session")
def read_only(postgres: Server, loaded: ServiceDatabase) -> ServiceDatabase:
    """A copy for whoever only reads: the original can be copied only while nobody is in it."""
    return _copy(postgres, loaded)


@pytest.fixture(scope="session")
async def reads(
    read_only: ServiceDatabase, make_settings: MakeSettings
) -> AsyncIterator[AsyncClient]:
    """Somebody without a token who reads; nothing is written to what is behind."""
    async with serving(make_settings(read_only)) as client:
        yield client


@pytest.fixture(scope="session")
def observations(reads: AsyncClient) -> Get:
    """Ask for figures and give all of them."""

    async def get(**params: Any) -> list[dict[str, Any]]:
        answer = await reads.get("/v1/observations", params={"limit": "200", **params})
        assert answer.status_code == 200, answer.text
        assert answer.json()["page"]["next_cursor"] is None
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    return get


@pytest.fixture
def indicators(postgres: Server, loaded: ServiceDatabase) -> Iterator[ServiceDatabase]:
    """A database of this test's own, with everything loaded."""
    copy = _copy(postgres, loaded)
    yield copy
    postgres.drop(copy.room.database)


@pytest.fixture
async def client(
    indicators: ServiceDatabase, make_settings: MakeSettings
) -> AsyncIterator[AsyncClient]:
    """Somebody without a token who speaks to the service of this test's own database."""
    async with serving(make_settings(indicators)) as one:
        yield one


@pytest.fixture
def journey(client: AsyncClient, bearer: Bearer) -> Journey:
    """Take reports through the service of this test's own database."""
    return Journey(client, bearer)


@pytest.fixture
def take_out(client: AsyncClient, indicators: ServiceDatabase) -> TakeOut:
    """Ask for a whole table, run the worker's job, and give the file."""

    async def get(dataset: str, form: str, headers: Headers) -> bytes:
        asked = {"dataset": dataset, "format": form}
        answer = await client.post("/v1/exports", json=asked, headers=headers)
        assert answer.status_code == 202, answer.text
        [run] = export_jobs(DATASETS).values()
        async with indicators.opened() as opened:
            await run(opened, {"export": answer.json()["id"]})
        path = f"/v1/exports/{answer.json()['id']}/files/{dataset}.{form}"
        file = await client.get(path, headers=headers)
        assert file.status_code == 200, file.text
        return file.content

    return get


@pytest.fixture
def bring_in(
    client: AsyncClient, indicators: ServiceDatabase, make_settings: MakeSettings
) -> Import:
    """Send a file to the service of this test's own database."""
    return importer(client, indicators, make_settings(indicators))
