"""Framing: what two readers could understand differently is refused, on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import pytest

from komuna_shared import server as protocol
from komuna_shared.app import serve
from komuna_shared.testing import Issuer
from tests.shared.requests.sample import make_api
from tests.shared.requests.sockets import hang_up, send_raw, serving, status_of

GET = b"GET /v1/things/public HTTP/1.1\r\nHost: h\r\n"
POST = b"POST /v1/things HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"


@pytest.fixture
async def port(issuer: Issuer, folder: Path) -> AsyncIterator[int]:
    async with serving(serve(make_api(issuer, folder))) as port:
        yield port


class TestFraming:
    @pytest.mark.parametrize(
        ("request_", "status"),
        [
            (GET + b"\r\n", 200),
            (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
            (POST + b"Content-Length: 2, 2\r\n\r\n{}", 400),
            (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
            (POST + b"Content-Length: +2\r\n\r\n{}", 400),
            (POST + b"Content-Length : 2\r\n\r\n{}", 400),
            (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
            (POST + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", 400),
            (POST + b"Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n", 400),
            (POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n", 400),
            (GET.replace(b"\r\n", b"\n") + b"\n", 400),
            (GET + b"X-A: 1\r\n folded\r\n\r\n", 400),
            (b"GET /v1/things/public HTTP/1.1\r\n\r\n", 400),
            (GET + b"Host: other\r\n\r\n", 400),
            (GET.replace(b"1.1", b"1.0") + b"\r\n", 400),
            (GET.replace(b"1.1", b"2.0") + b"\r\n", 400),
            (GET + b"Upgrade: h2c\r\nConnection: upgrade\r\n\r\n", 400),
            (GET + b"X_User: someone\r\n\r\n", 400),
            (GET.replace(b"GET", b"TRACE") + b"\r\n", 405),
            (GET + b"X-Long: " + b"a" * 9000 + b"\r\n\r\n", 431),
            (GET + b"".join(b"X-%d: 1\r\n" % n for n in range(70)) + b"\r\n", 431),
            (GET + b"X-Endless: " + b"a" * 200_000, 431),
            (GET.replace(b"/v1/things/public", b"/" + b"a" * 5000) + b"\r\n", 414),
            (GET.replace(b"/v1/things", b"/v1/%2e%2e/things") + b"\r\n", 400),
            (GET.replace(b"/v1/things", b"/v1//things") + b"\r\n", 400),
            (GET.replace(b"/v1/things", b"/v1/../things") + b"\r\n", 400),
            (GET.replace(b"/v1/things", b"/v1/%00") + b"\r\n", 400),
            (GET.replace(b"public", b"public?lang=%zz") + b"\r\n", 400),
            (GET.replace(b"public", b"public?lang=%00") + b"\r\n", 400),
            (GET.replace(b"public", b"public?lang=%ff") + b"\r\n", 400),
            (b"nonsense\r\n\r\n", 400),
        ],
    )
    async def test_gives_one_answer(self, port: int, request_: bytes, status: int) -> None:
        answer = await send_raw(port, request_)

        assert status_of(answer) == status, answer[:300]
        if status != 200:
            head, _, body = answer.partition(b"\r\n\r\n")
            assert b"application/problem+json" in head
            assert json.loads(body)["status"] == status

    async def test_head_that_never_ends_is_given_up(
        self, port: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(protocol, "HEAD_DEADLINE", 0.2)

        answer = await send_raw(port, GET + b"X-Slow: ")

        assert status_of(answer) == 408

    async def test_head_request_has_no_body(self, port: int) -> None:
        got = await send_raw(port, GET + b"Connection: close\r\n\r\n")
        asked = await send_raw(
            port, GET.replace(b"GET", b"HEAD") + b"Connection: close\r\n\r\n", patience=1
        )

        assert asked.endswith(b"\r\n\r\n")
        length = len(got.partition(b"\r\n\r\n")[2])
        assert f"content-length: {length}".encode() in asked


class TestBrokenAnswer:
    async def test_is_cut_not_ended(self, port: int, capfd: pytest.CaptureFixture[str]) -> None:
        answer = await send_raw(port, GET.replace(b"things/public", b"broken-stream") + b"\r\n")

        assert b"4\r\nhalf\r\n" in answer
        assert not answer.endswith(b"0\r\n\r\n")
        assert "no more" not in "".join(capfd.readouterr())


class TestUnauthenticatedBody:
    @pytest.mark.parametrize("framing", ["length", "chunked"])
    async def test_is_hardly_read(self, issuer: Issuer, folder: Path, framing: str) -> None:
        CountingParser.read = 0
        size = 200 * 1024 * 1024
        head = POST + (
            b"Content-Length: %d\r\n\r\n" % size
            if framing == "length"
            else b"Transfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"x" * 65536
        piece = chunk if framing == "length" else b"10000\r\n" + chunk + b"\r\n"

        async with serving(serve(make_api(issuer, folder)), Counting) as port:
            answer = await _upload(port, head, piece, size // 65536)

        assert status_of(answer) == 401
        assert b"www-authenticate: Bearer" in answer
        assert 0 < CountingParser.read <= 65536

    async def test_waits_until_somebody_wants_it(self, issuer: Issuer, folder: Path) -> None:
        head = POST + b"Content-Length: 2\r\n\r\n"

        async with serving(serve(make_api(issuer, folder)), Waiting) as port:
            await send_raw(port, GET + b"\r\n")
            await send_raw(port, head)

        assert WaitingParser.paused == [False, True]

    async def test_is_not_asked_for(self, port: int) -> None:
        head = POST + b"Content-Length: 200000000\r\nExpect: 100-continue\r\n\r\n"

        answer = await send_raw(port, head)

        assert status_of(answer) == 401
        assert b"connection: close" in answer

    @pytest.mark.parametrize("query", ["?sizes=1", ""], ids=["refused inside", "refused outside"])
    async def test_that_was_not_read_ends_the_connection_and_says_so(
        self, port: int, call: Callable[..., dict[str, str]], query: str
    ) -> None:
        token = call("sample.imports.write")["authorization"].encode() if query else b""
        head = POST.replace(b"/v1/things", b"/v1/imports" + query.encode())
        head = head.replace(b"application/json", b"text/csv")
        head += b"Authorization: " + token + b"\r\nContent-Length: 2\r\n\r\n"

        answer = await send_raw(port, head)

        assert status_of(answer) == (400 if query else 401)
        assert b"connection: close" in answer

    async def test_that_came_with_its_head_costs_no_connection(self, port: int) -> None:
        answer = await send_raw(port, POST + b"Content-Length: 2\r\n\r\n{}")

        assert status_of(answer) == 401
        assert b"connection: close" not in answer

    async def test_of_a_caller_over_the_cap_is_cut_when_chunked(
        self, port: int, call: Callable[..., dict[str, str]]
    ) -> None:
        token = call("sample.things.write")["authorization"].encode()
        head = POST + b"Authorization: " + token + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"

        answer = await _upload(port, head, piece, 3200)

        assert status_of(answer) == 413
        assert b"connection: close" in answer


class CountingParser(protocol.Parser):
    read = 0

    def data_received(self, data: bytes) -> None:
        CountingParser.read += len(data)
        super().data_received(data)


class Counting(protocol.Buffered):
    parser = CountingParser


class WaitingParser(protocol.Parser):
    paused: ClassVar[list[bool]] = []

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        WaitingParser.paused.append(self.flow.read_paused)


class Waiting(protocol.Buffered):
    parser = WaitingParser


async def _upload(port: int, head: bytes, piece: bytes, times: int) -> bytes:
    """Send a head, then pieces until all are gone, while listening for the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)

    async def send() -> None:
        with suppress(ConnectionError):
            for _ in range(times):
                writer.write(piece)
                await writer.drain()

    sending = asyncio.create_task(send())
    answer = await asyncio.wait_for(reader.read(65536), 5)
    sending.cancel()
    await hang_up(writer)
    return answer
