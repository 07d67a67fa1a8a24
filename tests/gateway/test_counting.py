"""Who is counted as whom, at the door of a gateway that allows little."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from komuna_shared.testing import Issuer
from tests.gateway.processes import free_port, running_gateway
from tests.gateway.wire import Upstream, answer

MINUTE = 60
PATH = "/registry/v1/a"
METRICS_PORT = free_port()


@pytest.fixture(scope="module")
async def strict(
    services: dict[str, Upstream], jwks_url: str, logs: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway that allows little."""
    # The window is the minute of the clock: begin where it does not end at once.
    second = time.time() % MINUTE
    await asyncio.sleep(MINUTE - second if second > 50 else 0)
    origins = {name: one.origin for name, one in services.items()}
    async with (
        running_gateway(
            logs,
            jwks_url,
            origins,
            KOMUNA_QUOTA_ADDRESS="3",
            KOMUNA_QUOTA_VERIFIED="5",
            KOMUNA_METRICS_PORT=str(METRICS_PORT),
        ) as gateway,
        httpx.AsyncClient(base_url=gateway.url, trust_env=False) as client,
    ):
        yield client


class TestAtTheDoor:
    async def test_counts_an_unverified_token_as_its_address(
        self, strict: httpx.AsyncClient, registry: Upstream
    ) -> None:
        registry.answers(answer())
        forged = {"authorization": f"Bearer {Issuer().token('persona:ops')}"}

        anonymous = await strict.get(PATH)
        assert anonymous.headers["ratelimit-policy"] == '"address";q=3;w=60'
        assert anonymous.headers["ratelimit"].startswith('"address";r=2;t=')

        refused = await strict.get(PATH, headers={**forged, "x-forwarded-for": "192.0.2.1"})
        assert refused.status_code == 401
        assert refused.headers["ratelimit"].startswith('"address";r=1;')
        assert (await strict.get("/nothing")).status_code == 404

        over = await strict.get(PATH, headers=forged)
        assert over.status_code == 429
        assert over.json()["code"] == "quota_exceeded"
        assert 1 <= int(over.headers["retry-after"]) <= MINUTE
        assert (await strict.get("/livez")).status_code == 200

    async def test_takes_nothing_for_what_has_not_changed(
        self, strict: httpx.AsyncClient, registry: Upstream, issuer: Issuer
    ) -> None:
        registry.answers(b'HTTP/1.1 304 Not Modified\r\netag: "a"\r\n\r\n')
        mine = {"authorization": f"Bearer {issuer.token('persona:auditor')}"}

        for _ in range(9):
            unchanged = await strict.get(PATH, headers=mine)
            assert unchanged.status_code == 304
            assert unchanged.headers["ratelimit"].startswith('"caller";r=5;')

    async def test_counts_each_verified_caller_alone(
        self, strict: httpx.AsyncClient, registry: Upstream, issuer: Issuer
    ) -> None:
        registry.answers(answer())
        # A new token is no new caller.
        tokens = [issuer.token("persona:ops") for _ in range(6)]

        answers = [await strict.get(PATH, headers=bearer(token)) for token in tokens]
        other = await strict.get(PATH, headers=bearer(issuer.token("persona:analyst")))

        assert [one.status_code for one in answers] == [200, 200, 200, 200, 200, 429]
        assert other.status_code == 200

    async def test_shows_its_figures_on_a_port_of_its_own(self, strict: httpx.AsyncClient) -> None:
        refused = await strict.get("/metrics")
        figures = (await strict.get(f"http://127.0.0.1:{METRICS_PORT}/metrics")).text

        assert refused.status_code in {404, 429}
        assert 'komuna_request_seconds_count{method="GET",route="registry",status="200"}' in figures
        assert PATH not in figures


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
