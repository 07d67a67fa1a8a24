"""What of a request reaches its service."""

import httpx

from tests.gateway.processes import Gateway
from tests.gateway.wire import Upstream, answer, request, speak

MEGA = 1024 * 1024


SENT = (
    "content-type: application/json",
    "accept: text/csv",
    "accept-language: en",
    "idempotency-key: k",
    'if-match: "a"',
    "processing-purpose: case_management",
    "acting-institution: isf",
    "content-length: 2",
)
DROPPED = (
    "forwarded: for=1.2.3.4",
    "x-forwarded-for: 1.2.3.4",
    "x-forwarded-user: ops",
    "komuna-ticket: forged",
    "x-komuna-ticket: forged",
    "cookie: session=1",
    "expect: 100-continue",
    "te: trailers",
    "proxy-authorization: Basic abc",
    "keep-alive: timeout=5",
)
ADDED = {"authorization", "forwarded", "host", "traceparent", "user-agent", "x-deadline-ms"}


class TestRequest:
    async def test_passes_on_what_is_listed_and_nothing_else(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str]
    ) -> None:
        registry.answers(answer())
        authorization = f"authorization: {signed['authorization']}"
        headers = (authorization, *SENT, *DROPPED)

        said = await speak(
            gateway.port, request("POST", "/registry/v1/a?b=c", *headers, body=b"{}")
        )

        assert b"HTTP/1.1 200 OK" in said.raw
        call = registry.calls[0]
        expected = {one.partition(":")[0] for one in SENT} | ADDED
        assert {name.decode() for name, _ in call.headers} == expected
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

    async def test_keeps_the_host_that_connection_names(
        self, gateway: Gateway, registry: Upstream
    ) -> None:
        registry.answers(answer())
        raw = request("GET", "/registry/v1/a", "connection: close, Host", close=False)

        said = await speak(gateway.port, raw)

        assert said.status == 200
        assert registry.calls[0].header(b"forwarded") is not None

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
