"""Registry itself, on a socket, with the municipalities that indicators remind."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date

import pytest
from pydantic import SecretStr
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import Range
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from komuna_indicators.clients.registry import RegistryClient
from komuna_registry.main import create_api
from komuna_registry.municipalities.models import Municipality
from komuna_registry.settings import Settings
from komuna_registry.sources.models import Source
from komuna_shared.app import serve
from komuna_shared.http import ClientCredentials, ServiceClient
from komuna_shared.testing import Issuer
from tests.databases import CURSOR_KEY, Server, ServiceDatabase
from tests.indicators.feed import told_municipalities
from tests.shared.requests.sockets import serving

Running = Callable[[], AbstractAsyncContextManager[str]]
Client = Callable[[str], AbstractAsyncContextManager[RegistryClient]]


@pytest.fixture
def empty_registry(postgres: Server) -> Iterator[ServiceDatabase]:
    """A registry that knows nothing."""
    database = postgres.copy("registry", "komuna_registry")
    yield database
    postgres.drop(database.room.database)


@pytest.fixture
async def registry_database(empty_registry: ServiceDatabase) -> ServiceDatabase:
    """A registry that knows every municipality, and nobody in them."""
    database = empty_registry
    told = {"code": "s", "title": "t", "issuer": "i", "language": "en", "standing": "synthetic"}
    since = Range(date(1999, 1, 1), None, bounds="[)")
    rows = [
        {"slug": one.id, "source": "s", "locator": "l", "certain": since, "possible": since}
        for one in told_municipalities()
    ]
    async with database.opened() as opened, opened.session() as session:
        await session.execute(insert(Source).values(told))
        await session.execute(insert(Municipality), rows)
    return database


@pytest.fixture
def run_registry(registry_database: ServiceDatabase, issuer: Issuer, jwks_url: str) -> Running:
    """Start registry on a free port; left, it is down."""
    settings = Settings(
        issuer=issuer.url,
        jwks_url=jwks_url,
        database_url=SecretStr(registry_database.url),
        cursor_key=CURSOR_KEY,
        frame_seconds=0,
    )

    @asynccontextmanager
    async def run() -> AsyncIterator[str]:
        async with serving(serve(create_api(settings))) as port:
            yield f"http://127.0.0.1:{port}"

    return run


@pytest.fixture
async def token_url(issuer: Issuer) -> AsyncIterator[str]:
    """Where indicators get a token of their own, for what they ask for."""

    async def grant(request: Request) -> JSONResponse:
        form = (await request.body()).decode()
        scope = form.partition("scope=")[2].partition("&")[0]
        return JSONResponse(
            {"access_token": issuer.service_token("indicators", [scope]), "expires_in": 600}
        )

    app = Starlette(routes=[Route("/token", grant, methods=["POST"])])
    async with serving(app) as port:
        yield f"http://127.0.0.1:{port}/token"


@pytest.fixture
def client_of(token_url: str) -> Client:
    """Open what calls registry at an address."""

    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[RegistryClient]:
        credentials = ClientCredentials(token_url, "indicators", "secret", "service.notices.write")
        async with ServiceClient(url, credentials=credentials) as client:
            yield RegistryClient(client)

    return opened
