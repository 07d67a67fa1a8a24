"""What is sent, and the head that comes back."""

import pytest

from komuna_gateway.transport import (
    Outgoing,
    Transport,
)
from tests.gateway.transports.asking import get, read_all
from tests.gateway.transports.conftest import Opener
from tests.gateway.wire import Upstream, answer


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
