"""How often a caller may ask."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from limits.errors import StorageError
from limits.storage import storage_from_string

from komuna_gateway import quotas
from komuna_gateway.quotas import MemoryWindows, Quotas, Windows, address_key
from komuna_shared.testing import Issuer
from tests.gateway.processes import free_port, running_gateway
from tests.gateway.wire import Upstream, answer

MINUTE = 60
PATH = "/registry/v1/a"


def make(windows: Windows, requests: int = 5) -> Quotas:
    return Quotas(windows, verified=requests, address=requests, open_body=requests)


async def spend(all_quotas: Quotas, key: str, times: int) -> list[int]:
    return [(await all_quotas.spend(all_quotas.address, key)).remaining for _ in range(times)]


class Clock:
    """Stands in for the wall clock of the module."""

    def __init__(self) -> None:
        self.now = 1000 * MINUTE + 1.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(quotas, "time", clock)
    return clock


@pytest.mark.usefixtures("clock")
class TestSpend:
    async def test_counts_down_to_nothing(self) -> None:
        assert await spend(make(MemoryWindows()), "a", 7) == [4, 3, 2, 1, 0, -1, -1]

    async def test_counts_each_caller_alone(self) -> None:
        counted = make(MemoryWindows())
        await spend(counted, "a", 9)

        assert await spend(counted, "b", 1) == [4]

    async def test_lets_the_last_minute_fade(self, clock: Clock) -> None:
        counted = make(MemoryWindows(), 10)
        await spend(counted, "a", 10)

        clock.now += MINUTE - 1
        assert (await spend(counted, "a", 1)) == [-1]
        clock.now += 30
        assert await spend(counted, "a", 6) == [4, 3, 2, 1, 0, -1]

    async def test_forgets_after_two_minutes(self, clock: Clock) -> None:
        counted = make(MemoryWindows())
        await spend(counted, "a", 9)
        clock.now += 2 * MINUTE

        assert await spend(counted, "a", 1) == [4]

    async def test_says_how_long_to_wait(self, clock: Clock) -> None:
        counted = make(MemoryWindows(), 60)
        await spend(counted, "a", 60)
        clock.now += MINUTE + 9  # Ten seconds into the next minute: 50 of 60 still count.
        await spend(counted, "a", 10)

        refused = await counted.spend(counted.address, "a")
        assert refused.remaining == -1
        clock.now += refused.seconds
        assert (await counted.spend(counted.address, "a")).remaining >= 0

    async def test_gives_back_what_is_free(self) -> None:
        counted = make(MemoryWindows())
        spent = await counted.spend(counted.address, "a")

        await counted.give_back(spent)

        assert spent.remaining == 5
        assert await spend(counted, "a", 1) == [4]

    async def test_shares_one_counter_among_a_flood(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(quotas, "MOST_KEYS", 3)
        counted = make(MemoryWindows())
        for key in "abc":
            await spend(counted, key, 1)

        assert await spend(counted, "d", 3) == [5, 5, 5]
        assert await spend(counted, "e", 3) == [5, 5, -1]
        assert await spend(counted, "a", 1) == [3]

    async def test_counts_alone_and_stricter_without_the_store(self) -> None:
        class Broken(MemoryWindows):
            async def acquire_sliding_window_entry(self, *_: Any, **__: Any) -> bool:
                raise StorageError(ConnectionError())

        counted = make(Broken(), 6)

        assert await spend(counted, "a", 4) == [2, 1, 0, -1]
        await counted.give_back(await counted.spend(counted.address, "b"))


@pytest.mark.skipif(
    shutil.which("redis-server") is None or find_spec("valkey") is None,
    reason="needs redis-server (Debian) and the Python package valkey.",
)
class TestSharedStore:
    async def test_is_counted_by_all_gateways_together(self, tmp_path: Path) -> None:
        async with server(tmp_path) as port, store(port) as one, store(port) as other:
            first, second = make(one), make(other)

            spent = [(await each.spend(each.address, "a")) for each in (first, second) * 3]
            assert [one.remaining for one in spent] == [4, 3, 2, 1, 0, -1]

            await first.give_back(spent[0])
            assert (await second.spend(second.address, "a")).remaining == 0


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[int]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""),
        *("--dir", str(folder)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(10):
            while b"Ready to accept" not in await process.stdout.readline():
                pass
        yield port
    finally:
        process.terminate()
        await process.communicate()


@asynccontextmanager
async def store(port: int) -> AsyncIterator[Windows]:
    opened: Any = storage_from_string(f"async+valkey://127.0.0.1:{port}", wrap_exceptions=True)
    yield opened
    await opened.bridge.storage.aclose()


class TestAddressKey:
    @pytest.mark.parametrize(
        ("client", "key"),
        [
            (("192.0.2.7", 1), "192.0.2.7"),
            (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
            (("2001:db8:1:2::9%eth0", 1), "2001:db8:1:2::/64"),
            (None, ""),
        ],
    )
    def test_takes_a_home_network_as_one(self, client: tuple[str, int] | None, key: str) -> None:
        assert address_key(client) == key


@pytest.fixture(scope="module")
async def strict(
    services: dict[str, Upstream], jwks_url: str, logs: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway that allows little."""
    # The window is the minute of the clock: begin where it does not end at once.
    second = time.time() % MINUTE
    await asyncio.sleep(MINUTE - second if second > 50 else 0)
    origins = {name: one.origin for name, one in services.items()}
    limits = {"KOMUNA_QUOTA_ADDRESS": "3", "KOMUNA_QUOTA_VERIFIED": "5"}
    async with (
        running_gateway(logs, jwks_url, origins, **limits) as gateway,
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


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
