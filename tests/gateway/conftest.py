"""A gateway process before upstreams that a test scripts byte by byte."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from komuna_shared.testing import Issuer
from tests.databases import TICKET_KEY
from tests.gateway.processes import Gateway, running_gateway
from tests.gateway.wire import Upstream, raw_upstream

SERVICES = ("registry", "indicators", "referrals")


@pytest.fixture(scope="session")
async def services() -> AsyncIterator[dict[str, Upstream]]:
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(raw_upstream()) for name in SERVICES}


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="session")
async def gateway(
    services: dict[str, Upstream], jwks_url: str, logs: Path
) -> AsyncIterator[Gateway]:
    origins = {name: service.origin for name, service in services.items()}
    async with running_gateway(
        logs,
        jwks_url,
        origins,
        KOMUNA_CORS_ORIGINS="https://front.test",
        KOMUNA_TICKET_KEY=TICKET_KEY,
    ) as gateway:
        yield gateway


@pytest.fixture
def registry(services: dict[str, Upstream]) -> Iterator[Upstream]:
    registry = services["registry"]
    registry.handler = None
    registry.calls.clear()
    registry.gone.clear()
    yield registry
    registry.handler = None


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def token(issuer: Issuer) -> str:
    return issuer.token("persona:ops", ["registry.read", "ops.read"])


@pytest.fixture
def signed(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
