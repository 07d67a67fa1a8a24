"""The sample service, and callers of it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from komuna_shared.app import serve
from komuna_shared.testing import Issuer, asgi_client
from tests.shared.requests.sample import make_api


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sample's issuer publishes its keys."""
    return tmp_path_factory.mktemp("sample")


@pytest.fixture
def call(issuer: Issuer) -> Callable[..., dict[str, str]]:
    """Return headers with a token for the scopes, in English."""

    def headers(*scopes: str, **claims: Any) -> dict[str, str]:
        token = issuer.token("persona:tests", scopes, **claims)
        return {"authorization": f"Bearer {token}", "accept-language": "en"}

    return headers


@pytest.fixture
async def client(issuer: Issuer, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the sample service, through every layer but the socket."""
    async with asgi_client(serve(make_api(issuer, folder))) as client:
        yield client
