"""Bodies on their way back, and what ends them."""

import asyncio
from time import monotonic

import psutil
import pytest

from komuna_gateway.transport import (
    Transport,
    UpstreamError,
    UpstreamTimeoutError,
)
from tests.gateway.transports.asking import get, read_all
from tests.gateway.transports.conftest import Opener
from tests.gateway.wire import Call, Upstream, raw_upstream

MEGA = 1024 * 1024


class TestRead:
    async def test_gives_the_head_before_the_body_is_whole(
        self, transport: Transport, upstream: Upstream
    ) -> None:
        rest = asyncio.Event()

        async def handle(call: Call) -> None:
            await call.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
            await rest.wait()
            await call.say(b"3\r\ntwo\r\n0\r\n\r\n")

        upstream.does(handle)

        answered = await transport.send(get())
        first = await answered.read()
        rest.set()

        assert first == b"one"
        assert await read_all(answered) == b"two"

    @pytest.mark.parametrize(
        "raw",
        [
            b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nshort\r\n",
        ],
    )
    async def test_never_ends_a_broken_body_cleanly(
        self, transport: Transport, upstream: Upstream, raw: bytes
    ) -> None:
        async def handle(call: Call) -> None:
            await call.say(raw)
            call.writer.transport.abort()

        upstream.does(handle)

        async def ask() -> None:
            answered = await transport.send(get())
            try:
                await read_all(answered)
            finally:
                await answered.close()

        with pytest.raises(UpstreamError):
            await ask()

    async def test_reads_no_further_than_it_is_asked(
        self, transport: Transport, upstream: Upstream
    ) -> None:
        written = 0

        async def handle(call: Call) -> None:
            nonlocal written
            await call.say(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (200 * MEGA))
            for _ in range(200):
                await call.say(b"x" * MEGA)
                written += 1

        upstream.does(handle)
        process = psutil.Process()

        answered = await transport.send(get(seconds=30))
        await answered.read()
        before = process.memory_info().rss
        await asyncio.sleep(0.5)
        await asyncio.sleep(0.5)
        grown = process.memory_info().rss - before
        await answered.close()

        assert written < 20
        assert grown < 16 * MEGA
        async with asyncio.timeout(5):
            await upstream.gone.wait()


class TestDeadline:
    @pytest.mark.clock
    async def test_holds_before_the_head(self, transport: Transport, upstream: Upstream) -> None:
        async def handle(_: Call) -> None:
            await asyncio.sleep(30)

        upstream.does(handle)
        started = monotonic()

        with pytest.raises(UpstreamTimeoutError):
            await transport.send(get(seconds=0.4))

        assert monotonic() - started < 2

    @pytest.mark.clock
    async def test_holds_in_all_and_not_per_read(
        self, transport: Transport, upstream: Upstream
    ) -> None:
        async def handle(call: Call) -> None:
            await call.say(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
            for _ in range(1000):
                await call.say(b"x")
                await asyncio.sleep(0.05)

        upstream.does(handle)
        started = monotonic()

        answered = await transport.send(get(seconds=0.6))
        with pytest.raises(UpstreamTimeoutError):
            await read_all(answered)
        await answered.close()

        assert 0.3 < monotonic() - started < 3


class TestFailure:
    @pytest.mark.clock
    async def test_is_an_error_at_once_where_nobody_listens(self, opener: Opener) -> None:
        async with raw_upstream() as stopped:
            origin = stopped.origin
        transport = opener(origin)
        started = monotonic()

        with pytest.raises(UpstreamError):
            await transport.send(get())

        assert monotonic() - started < 1
        await transport.close()

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"SSH-2.0-hello\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
            b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        ],
    )
    async def test_is_an_error_where_the_answer_is_no_http(
        self, transport: Transport, upstream: Upstream, raw: bytes
    ) -> None:
        async def handle(call: Call) -> None:
            await call.say(raw)
            call.writer.close()

        upstream.does(handle)

        with pytest.raises(UpstreamError):
            await transport.send(get())
