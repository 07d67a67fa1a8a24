"""What the proxy relies on, kept by every client that may stand behind it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec
from time import monotonic

import psutil
import pytest

from komuna_gateway.transport import (
    Answer,
    Outgoing,
    PyreqwestTransport,
    Transport,
    UpstreamError,
    UpstreamTimeoutError,
)
from tests.gateway.wire import Call, Upstream, answer, raw_upstream

MEGA = 1024 * 1024
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


def get(target: str = "/v1/a", *, method: str = "GET", seconds: float = 5.0) -> Outgoing:
    return Outgoing(method, target, [], seconds)


def post(body: AsyncIterator[bytes], *headers: tuple[str, str], seconds: float = 5.0) -> Outgoing:
    return Outgoing("POST", "/v1/a", list(headers), seconds, body)


async def read_all(answered: Answer) -> bytes:
    body = b""
    while piece := await answered.read():
        body += piece
    await answered.close()
    return body


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


class TestSend:
    async def test_keeps_duplicates_and_order(
        self, transport: Transport, upstream: Upstream
    ) -> None:
        upstream.answers(answer(b"x", b"Set-Cookie: a=1", b"X-B: 2", b"Set-Cookie: c=3"))

        answered = await transport.send(get())

        assert [value for name, value in answered.headers if name == b"set-cookie"] == [
            b"a=1",
            b"c=3",
        ]
        assert await read_all(answered) == b"x"

    async def test_sends_target_and_headers_as_they_are(
        self, transport: Transport, upstream: Upstream
    ) -> None:
        upstream.answers(answer())
        target = "/v1/a;b=(c),d@e:f/g~h?q=%C3%AB%2F&r[]=1&s=a+b"

        await read_all(
            await transport.send(Outgoing("GET", target, [("if-match", '"a"'), ("x-a", "é")], 5))
        )

        assert upstream.calls[0].target == target.encode()
        assert upstream.calls[0].header(b"if-match") == b'"a"'

    async def test_follows_no_redirect(self, transport: Transport, upstream: Upstream) -> None:
        upstream.answers(answer(b"", b"Location: /v1/b", status=b"302 Found"))

        answered = await transport.send(get())
        await read_all(answered)

        assert answered.status == 302
        assert len(upstream.calls) == 1

    async def test_leaves_compressed_bodies_alone(
        self, transport: Transport, upstream: Upstream
    ) -> None:
        upstream.answers(answer(b"\x1f\x8b-not-really", b"Content-Encoding: gzip"))

        answered = await transport.send(get())

        assert (b"content-encoding", b"gzip") in answered.headers
        assert await read_all(answered) == b"\x1f\x8b-not-really"
        assert upstream.calls[0].header(b"accept-encoding") is None

    @pytest.mark.parametrize(
        ("method", "raw"),
        [
            ("HEAD", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n"),
            ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
            ("GET", b'HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\netag: "a"\r\n\r\n'),
        ],
    )
    async def test_waits_for_no_body_where_there_is_none(
        self, transport: Transport, upstream: Upstream, method: str, raw: bytes
    ) -> None:
        upstream.answers(raw)

        for _ in range(2):
            answered = await transport.send(get(method=method))
            assert await read_all(answered) == b""

        assert len(upstream.calls) == 2

    async def test_swallows_early_hints(self, transport: Transport, upstream: Upstream) -> None:
        upstream.answers(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + answer(b"ok"))

        answered = await transport.send(get())

        assert answered.status == 200
        assert await read_all(answered) == b"ok"

    async def test_uses_a_connection_again(self, transport: Transport, upstream: Upstream) -> None:
        upstream.answers(answer(b"0123456789"))

        for _ in range(5):
            assert await read_all(await transport.send(get())) == b"0123456789"

        assert len({id(call.writer) for call in upstream.calls}) == 1

    async def test_believes_no_proxy_of_the_environment(
        self, opener: Opener, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        upstream.answers(answer(b"direct"))
        transport = opener(upstream.origin)

        assert await read_all(await transport.send(get())) == b"direct"
        await transport.close()


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

        async def handle(call: Call) -> None:
            await call.body()
            await call.say(answer())

        async def breaking() -> AsyncIterator[bytes]:
            yield b"abc"
            raise BreakError

        upstream.does(handle)

        with pytest.raises((UpstreamError, BreakError)):
            await transport.send(post(breaking(), ("content-length", "10")))

        async with asyncio.timeout(5):
            await upstream.gone.wait()


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
    async def test_holds_before_the_head(self, transport: Transport, upstream: Upstream) -> None:
        async def handle(_: Call) -> None:
            await asyncio.sleep(30)

        upstream.does(handle)
        started = monotonic()

        with pytest.raises(UpstreamTimeoutError):
            await transport.send(get(seconds=0.4))

        assert monotonic() - started < 2

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
