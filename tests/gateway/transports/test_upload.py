"""Bodies on their way to the upstream."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from komuna_gateway.transport import (
    Transport,
    UpstreamError,
)
from tests.gateway.transports.asking import pieces, post, read_all
from tests.gateway.wire import Call, Upstream, answer


class TestUpload:
    async def test_keeps_the_length_that_is_given(
        self, transport: Transport, upstream: Upstream
    ) -> None:
        bodies: list[bytes] = []

        async def handle(call: Call) -> None:
            bodies.append(await call.body())
            await call.say(answer())

        upstream.does(handle)

        await read_all(await transport.send(post(pieces(b"ab", b"cde"), ("content-length", "5"))))

        assert bodies == [b"abcde"]
        assert upstream.calls[0].header(b"content-length") == b"5"
        assert upstream.calls[0].header(b"transfer-encoding") is None

    async def test_sends_chunks_where_no_length_is_known(
        self, transport: Transport, upstream: Upstream
    ) -> None:
        bodies: list[bytes] = []

        async def handle(call: Call) -> None:
            bodies.append(await call.body())
            await call.say(answer())

        upstream.does(handle)

        await read_all(await transport.send(post(pieces(b"ab", b"cde"))))

        assert bodies == [b"abcde"]
        assert upstream.calls[0].header(b"transfer-encoding") == b"chunked"

    async def test_returns_an_answer_that_comes_early(
        self, transport: Transport, upstream: Upstream
    ) -> None:
        async def handle(call: Call) -> None:
            await call.say(answer(b"", b"connection: close", status=b"413 Too Large"))
            call.writer.close()

        async def endless() -> AsyncIterator[bytes]:
            yield b"a" * 1000
            await asyncio.sleep(30)
            yield b"b"

        upstream.does(handle)

        answered = await transport.send(post(endless(), ("content-length", "2000")))
        await answered.close()

        assert answered.status == 413

    async def test_fails_when_the_body_breaks(
        self, transport: Transport, upstream: Upstream
    ) -> None:
        class BreakError(Exception):
            pass

        begun = asyncio.Event()

        async def handle(call: Call) -> None:
            begun.set()
            await call.body()
            await call.say(answer())

        async def breaking() -> AsyncIterator[bytes]:
            yield b"abc"
            await begun.wait()  # What breaks before it is sent leaves no connection behind.
            raise BreakError

        upstream.does(handle)

        with pytest.raises((UpstreamError, BreakError)):
            await transport.send(post(breaking(), ("content-length", "10")))

        async with asyncio.timeout(5):
            await upstream.gone.wait()
