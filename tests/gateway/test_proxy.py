"""How a request reaches its service, and what comes back of every kind of answer."""

import asyncio
import json
from time import monotonic

import httpx
import pytest

from tests.gateway.processes import Gateway
from tests.gateway.wire import Call, Upstream, answer, request, speak

MEGA = 1024 * 1024


class TestRequest:
    async def test_passes_on_what_is_listed_and_nothing_else(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str]
    ) -> None:
        registry.answers(answer())

        said = await speak(
            gateway.port,
            request(
                "POST",
                "/registry/v1/a?b=c",
                f"authorization: {signed['authorization']}",
                "content-type: application/json",
                "accept: text/csv",
                "accept-language: en",
                "idempotency-key: k",
                'if-match: "a"',
                "processing-purpose: case_management",
                "forwarded: for=1.2.3.4",
                "x-forwarded-for: 1.2.3.4",
                "x-forwarded-user: ops",
                "x-komuna-ticket: forged",
                "cookie: session=1",
                "expect: 100-continue",
                "te: trailers",
                "proxy-authorization: Basic abc",
                "keep-alive: timeout=5",
                "content-length: 2",
                body=b"{}",
            ),
        )

        assert b"HTTP/1.1 200 OK" in said.raw
        call = registry.calls[0]
        assert {name for name, _ in call.headers} == {
            b"accept",
            b"accept-language",
            b"authorization",
            b"content-length",
            b"content-type",
            b"forwarded",
            b"host",
            b"idempotency-key",
            b"if-match",
            b"processing-purpose",
            b"traceparent",
            b"user-agent",
            b"x-deadline-ms",
        }
        assert call.header(b"forwarded") == b'for=127.0.0.1;proto=http;host="komuna.test"'
        assert call.header(b"x-deadline-ms") == b"10000"

    async def test_drops_what_connection_names(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str]
    ) -> None:
        registry.answers(answer())

        await speak(
            gateway.port,
            request(
                "GET",
                "/registry/v1/a",
                "connection: close, authorization, If-None-Match",
                f"authorization: {signed['authorization']}",
                'if-none-match: "a"',
                close=False,
            ),
        )

        assert registry.calls[0].header(b"authorization") is None
        assert registry.calls[0].header(b"if-none-match") is None

    async def test_carries_the_trace(self, client: httpx.AsyncClient, registry: Upstream) -> None:
        registry.answers(answer())
        trace = "0af7651916cd43dd8448eb211c80319c"

        answered = await client.get(
            "/registry/v1/a", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
        )

        passed = (registry.calls[0].header(b"traceparent") or b"").decode().split("-")
        assert passed[:2] == ["00", trace]
        assert passed[2] != "b7ad6b7169203331"
        assert passed[3] == "01"
        assert answered.headers["request-id"].replace("-", "") == trace

    async def test_begins_a_trace_where_there_is_none(
        self, client: httpx.AsyncClient, registry: Upstream
    ) -> None:
        registry.answers(answer())

        first = await client.get("/registry/v1/a")
        second = await client.get("/registry/v1/a", headers={"traceparent": "00-" + "0" * 32})

        traces = [(call.header(b"traceparent") or b"").decode()[3:35] for call in registry.calls]
        assert [one.headers["request-id"].replace("-", "") for one in (first, second)] == traces
        assert len(set(traces)) == 2


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


class TestFailure:
    async def test_is_502_for_an_upstream_that_hangs_up(
        self, client: httpx.AsyncClient, registry: Upstream
    ) -> None:
        async def handle(call: Call) -> None:
            call.writer.close()
            await asyncio.sleep(0)

        registry.does(handle)

        answered = await client.get("/registry/v1/a")

        assert answered.status_code == 502
        assert answered.json()["code"] == "bad_gateway"

    async def test_reads_once_more_where_a_kept_connection_was_closed(
        self, client: httpx.AsyncClient, registry: Upstream, signed: dict[str, str]
    ) -> None:
        async def handle(call: Call) -> None:
            await call.body()
            if len(registry.calls) == 1:
                call.writer.close()
            else:
                await call.say(answer(b"second"))

        registry.does(handle)

        assert (await client.get("/registry/v1/a")).content == b"second"

        registry.does(handle)
        written = await client.post("/registry/v1/a", headers=signed, content=b"{}")
        assert written.status_code == 502
        assert len(registry.calls) == 1

    @pytest.mark.parametrize(
        "raw",
        [
            b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n",
        ],
    )
    async def test_cuts_an_answer_that_breaks_off(
        self, gateway: Gateway, registry: Upstream, raw: bytes
    ) -> None:
        async def handle(call: Call) -> None:
            await call.say(raw)
            await asyncio.sleep(0.05)
            call.writer.transport.abort()

        registry.does(handle)

        said = await speak(gateway.port, request("GET", "/registry/v1/a", close=False), seconds=3)

        assert said.status == 200
        assert said.body in {b"short", b"5\r\nshort\r\n"}

    async def test_cuts_after_ten_seconds_in_all(
        self, gateway: Gateway, services: dict[str, Upstream]
    ) -> None:
        async def silent(_: Call) -> None:
            await asyncio.sleep(30)

        async def dribbling(call: Call) -> None:
            await call.say(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
            for _ in range(300):
                await call.say(b"x")
                await asyncio.sleep(0.1)

        services["indicators"].does(silent)
        services["referrals"].does(dribbling)
        started = monotonic()

        late, cut = await asyncio.gather(
            speak(gateway.port, request("GET", "/indicators/v1/a"), seconds=20),
            speak(gateway.port, request("GET", "/referrals/v1/a"), seconds=20),
        )

        assert 9 < monotonic() - started < 14
        assert late.status == 504
        assert json.loads(late.body)["code"] == "gateway_timeout"
        assert cut.status == 200
        assert 50 < len(cut.body) < 150


class TestBackpressure:
    async def test_holds_back_200_megabytes_for_a_slow_reader(
        self, gateway: Gateway, registry: Upstream
    ) -> None:
        written = 0

        async def handle(call: Call) -> None:
            nonlocal written
            await call.say(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (200 * MEGA))
            for _ in range(200):
                await call.say(b"x" * MEGA)
                written += 1

        registry.does(handle)
        before = gateway.memory()
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1024)
        writer.write(request("GET", "/registry/v1/exports/1/file"))

        await asyncio.sleep(1)
        grown = gateway.memory() - before

        assert (await reader.read(100)).startswith(b"HTTP/1.1 200")
        assert written < 30
        assert grown < 12 * MEGA

        writer.transport.abort()
        async with asyncio.timeout(5):
            await registry.gone.wait()

    async def test_carries_50_megabytes_whole(
        self, client: httpx.AsyncClient, registry: Upstream
    ) -> None:
        registry.answers(answer(b"0123456789" * 5 * MEGA))

        answered = await client.get("/registry/v1/exports/1/file")

        assert answered.content == b"0123456789" * 5 * MEGA


class TestClientGone:
    async def test_lets_go_of_the_service_in_the_middle_of_an_answer(
        self, gateway: Gateway, registry: Upstream
    ) -> None:
        async def handle(call: Call) -> None:
            await call.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            while True:
                await call.say(b"1\r\nx\r\n")
                await asyncio.sleep(0.02)

        registry.does(handle)
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(request("GET", "/registry/v1/a"))
        await reader.readuntil(b"x")

        writer.transport.abort()

        async with asyncio.timeout(3):
            await registry.gone.wait()

    async def test_notices_it_while_the_service_is_silent(
        self, gateway: Gateway, registry: Upstream
    ) -> None:
        ended = asyncio.Event()

        async def handle(call: Call) -> None:
            await call.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n")
            await call.reader.read()
            ended.set()

        registry.does(handle)
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(request("GET", "/registry/v1/a"))
        await reader.readuntil(b"x")
        await asyncio.sleep(0.2)

        writer.transport.abort()

        async with asyncio.timeout(3):
            await ended.wait()

    async def test_ends_the_upload(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str]
    ) -> None:
        ended = asyncio.Event()

        async def handle(call: Call) -> None:
            while await call.reader.read(MEGA):
                pass
            ended.set()

        registry.does(handle)
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(
            request(
                "POST",
                "/registry/v1/imports",
                "content-length: 1000000",
                f"authorization: {signed['authorization']}",
                body=b"x" * 1000,
            )
        )
        await asyncio.sleep(0.3)

        writer.transport.abort()

        async with asyncio.timeout(3):
            await ended.wait()

    async def test_lets_work_go_on_that_has_not_answered_yet(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str]
    ) -> None:
        finished = asyncio.Event()

        async def handle(call: Call) -> None:
            await call.body()
            await asyncio.sleep(0.5)
            await call.say(answer())
            finished.set()

        registry.does(handle)
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(
            request(
                "POST",
                "/registry/v1/a",
                "content-length: 2",
                f"authorization: {signed['authorization']}",
                body=b"{}",
            )
        )
        await asyncio.sleep(0.2)

        writer.transport.abort()

        async with asyncio.timeout(3):
            await finished.wait()
