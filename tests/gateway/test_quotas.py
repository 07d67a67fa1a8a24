"""How often a caller may ask."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from limits.errors import StorageError
from limits.storage import storage_from_string

from komuna_gateway import quotas
from komuna_gateway.quotas import AtOnceError, MemoryWindows, Quotas, Windows, address_key
from tests.gateway.processes import free_port

MINUTE = 60


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

    async def test_lets_one_caller_have_only_so_much_under_way(self) -> None:
        counted = Quotas(MemoryWindows(), verified=9, address=9, open_body=9, at_once=2)
        mine = await counted.spend(counted.address, "a")
        counted.begin(mine)
        counted.begin(mine)

        with pytest.raises(AtOnceError):
            counted.begin(mine)
        counted.begin(await counted.spend(counted.address, "b"))

        counted.end(mine)
        counted.begin(mine)

    async def test_shares_one_counter_among_a_flood(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(quotas, "MOST_KEYS", 3)
        counted = make(MemoryWindows())
        for key in "abc":
            await spend(counted, key, 1)

        assert await spend(counted, "d", 3) == [5, 5, 5]
        assert await spend(counted, "e", 3) == [5, 5, -1]
        assert await spend(counted, "a", 1) == [3]

    async def test_counts_alone_and_stricter_without_the_store(self) -> None:
        class Broken:
            async def acquire_sliding_window_entry(self, *_: Any, **__: Any) -> bool:
                raise StorageError(ConnectionError())

            async def get_sliding_window(self, *_: Any) -> tuple[int, float, int, float]:
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
