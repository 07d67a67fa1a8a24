"""What of an answer reaches the caller."""

import httpx
import pytest

from tests.gateway.processes import Gateway
from tests.gateway.wire import Call, Upstream, answer, request, speak

MEGA = 1024 * 1024


class TestAnswer:
    async def test_keeps_what_the_service_said(
        self, client: httpx.AsyncClient, registry: Upstream
    ) -> None:
        registry.answers(
            answer(
                b'{"a":1}', b'ETag: "a"', b"Set-Cookie: a=1", b"Set-Cookie: b=2", b"Vary: Accept"
            )
        )

        answered = await client.get("/registry/v1/a")

        assert answered.content == b'{"a":1}'
        assert answered.headers["etag"] == '"a"'
        assert answered.headers.get_list("set-cookie") == ["a=1", "b=2"]

    async def test_strips_what_is_not_the_callers(
        self, gateway: Gateway, registry: Upstream
    ) -> None:
        registry.answers(
            answer(
                b"{}",
                b"Server: uvicorn",
                b"X-Powered-By: x",
                b"Date: yesterday",
                b"Connection: x-inner",
                b"X-Inner: secret",
                b"Keep-Alive: timeout=5",
                b"Request-Id: other",
                b"RateLimit: other",
                b"Access-Control-Allow-Origin: *",
            )
        )

        said = await speak(gateway.port, request("GET", "/registry/v1/a"))

        for name in (b"server", b"x-powered-by", b"x-inner", b"keep-alive"):
            assert said.all(name) == []
        assert said.all(b"access-control-allow-origin") == []
        assert said.all(b"connection") == [b"close"]
        assert len(said.all(b"date")) == len(said.all(b"request-id")) == 1
        assert b"other" not in said.raw

    async def test_hands_on_one_length_only(self, gateway: Gateway, registry: Upstream) -> None:
        registry.answers(
            b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n"
            b"5\r\nhello\r\n0\r\n\r\n"
        )

        said = await speak(gateway.port, request("GET", "/registry/v1/a"))

        assert said.all(b"content-length") == []
        assert said.all(b"transfer-encoding") == [b"chunked"]
        assert said.body == b"5\r\nhello\r\n0\r\n\r\n"

    @pytest.mark.parametrize(
        ("method", "raw", "status"),
        [
            ("HEAD", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n", 200),
            ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", 204),
            ("GET", b'HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\netag: "a"\r\n\r\n', 304),
        ],
    )
    async def test_sends_no_body_where_there_is_none(
        self, gateway: Gateway, registry: Upstream, method: str, raw: bytes, status: int
    ) -> None:
        registry.answers(raw)
        once = request(method, "/registry/v1/a", close=False)

        said = await speak(gateway.port, once, request(method, "/registry/v1/a"))

        assert said.raw.count(b"HTTP/1.1 ") == 2
        assert said.status == status
        assert said.raw.endswith(b"\r\n\r\n")

    async def test_swallows_early_hints(self, gateway: Gateway, registry: Upstream) -> None:
        registry.answers(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + answer(b"ok"))

        said = await speak(gateway.port, request("GET", "/registry/v1/a"))

        assert said.status == 200
        assert said.body == b"ok"

    async def test_keeps_a_problem_document_of_a_service(
        self, client: httpx.AsyncClient, registry: Upstream
    ) -> None:
        registry.answers(
            answer(
                b'{"code":"database_gone"}',
                b"content-type: application/problem+json",
                b"retry-after: 3",
                status=b"503 Service Unavailable",
            )
        )

        answered = await client.get("/registry/v1/a")

        assert answered.status_code == 503
        assert answered.json() == {"code": "database_gone"}
        assert answered.headers["retry-after"] == "3"

    @pytest.mark.parametrize(
        ("status", "seen", "code"),
        [(b"500 Broken", 502, "bad_gateway"), (b"503 Busy", 503, "unavailable")],
    )
    async def test_replaces_what_a_broken_service_says(
        self, client: httpx.AsyncClient, registry: Upstream, status: bytes, seen: int, code: str
    ) -> None:
        registry.answers(answer(b"Traceback: secret", b"content-type: text/plain", status=status))

        answered = await client.get("/registry/v1/a")

        assert answered.status_code == seen
        assert answered.json()["code"] == code
        assert "secret" not in answered.text

    async def test_passes_an_early_413_on(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str]
    ) -> None:
        async def handle(call: Call) -> None:
            await call.say(
                answer(
                    b'{"code":"too_large"}',
                    b"content-type: application/problem+json",
                    b"connection: close",
                    status=b"413 Content Too Large",
                )
            )
            call.writer.close()

        registry.does(handle)
        head = request(
            "POST",
            "/registry/v1/imports",
            f"content-length: {60 * MEGA}",
            f"authorization: {signed['authorization']}",
        )

        said = await speak(gateway.port, head, *([b"x" * MEGA] * 60))

        assert said.status == 413
        assert said.body == b'{"code":"too_large"}'
        assert said.all(b"connection") == [b"close"]
