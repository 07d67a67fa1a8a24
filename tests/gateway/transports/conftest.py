"""Every client that may stand behind the proxy, each before the same upstream."""

import gc
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec

import pytest

from komuna_gateway.transport import PyreqwestTransport, Transport
from tests.gateway.wire import Upstream, raw_upstream

Opener = Callable[[str], Transport]


def open_pyreqwest(origin: str) -> Transport:
    return PyreqwestTransport(origin, connections=50, seconds=10.0)


def open_aiohttp(origin: str) -> Transport:
    from komuna_gateway.transport_aiohttp import AiohttpTransport  # noqa: PLC0415 -- optional.

    return AiohttpTransport(origin, connections=50, seconds=10.0)


needs_aiohttp = pytest.mark.skipif(
    find_spec("aiohttp") is None, reason="aiohttp is not installed; it is only a drop-in."
)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with raw_upstream() as upstream:
        yield upstream


@pytest.fixture(params=[open_pyreqwest, pytest.param(open_aiohttp, marks=needs_aiohttp)])
def opener(request: pytest.FixtureRequest) -> Opener:
    chosen: Opener = request.param
    return chosen


@pytest.fixture
async def transport(opener: Opener, upstream: Upstream) -> AsyncIterator[Transport]:
    transport = opener(upstream.origin)
    yield transport
    await transport.close()
    # aiohttp complains about what it did not close when it is collected: that must be here.
    gc.collect()
