"""What gets past the door, and what a caller hears who does not."""

import asyncio
import base64
import json
import time
from typing import Any

import httpx
import pytest

from komuna_shared.testing import Issuer
from tests.gateway.processes import Gateway
from tests.gateway.wire import Said, Upstream, answer, request, speak

KILO = 1024
MEGA = 1024 * KILO
CANARY = "Arta-Krasniqi-Prizren"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


class TestWire:
    @pytest.mark.parametrize(
        "path",
        [
            "/registry/v1/../../metrics",
            "/registry/v1/./a",
            "/registry/../referrals/v1/cases",
            "/registry/v1/%2e%2e/metrics",
            "/registry/v1/a%2fb",
            "/registry//v1/a",
            "//registry/v1/a",
            "/registry/v1/a\\b",
            "/registry/v1/a%00",
            "/registry/v1/a?q=%zz",
            "/registry/v1/a?q=%ff",
            "/registry/v1/a?q=<script>",
        ],
    )
    async def test_refuses_paths_that_no_address_has(
        self, gateway: Gateway, registry: Upstream, path: str
    ) -> None:
        registry.answers(answer())

        said = await speak(gateway.port, request("GET", path))

        assert said.status == 400
        assert json.loads(said.body)["code"] in {"bad_path", "bad_query", "bad_framing"}
        assert not registry.calls

    @pytest.mark.parametrize(
        "headers",
        [
            ["content-length: 3", "transfer-encoding: chunked"],
            ["content-length: 3", "content-length: 3"],
            ["content-length: 3", "content-length: 4"],
            ["content-length: 3, 3"],
            ["content-length: +3"],
            ["content-length: 0x3"],
            ["content-length : 3"],
            ["transfer-encoding: identity, chunked"],
            ["transfer-encoding: xchunked"],
            ["transfer-encoding: chunked, chunked"],
            ["transfer-encoding:\x0bchunked"],
            ["host: other.test"],
            ["upgrade: h2c", "connection: upgrade"],
            ["x_forwarded_user: ops"],
            ["authorization: Bearer a", "authorization: Bearer b"],
            ["x-a: b\x01c"],
            ["x-a: b", " folded: c"],
        ],
    )
    async def test_refuses_what_two_readers_could_read_differently(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str], headers: list[str]
    ) -> None:
        registry.answers(answer())
        if not any(one.startswith("authorization") for one in headers):
            headers = [*headers, f"authorization: {signed['authorization']}"]

        said = await speak(
            gateway.port, request("POST", "/registry/v1/a", *headers, body=b"abc"), seconds=1
        )

        assert said.status == 400
        assert said.all(b"content-type") == [b"application/problem+json"]
        assert not registry.calls

    async def test_refuses_a_request_hidden_in_a_body(
        self, gateway: Gateway, registry: Upstream
    ) -> None:
        registry.answers(answer())
        hidden = request("GET", "/registry/v1/hidden")

        said = await speak(
            gateway.port,
            request(
                "GET", "/registry/v1/a", f"content-length: {len(hidden)}", body=hidden, close=False
            ),
            seconds=1,
        )

        assert said.status == 401
        assert not registry.calls

    @pytest.mark.parametrize("version", ["1.0", "0.9"])
    async def test_refuses_old_versions(self, gateway: Gateway, version: str) -> None:
        raw = f"GET /registry/v1/a HTTP/{version}\r\nhost: a\r\n\r\n".encode()

        assert (await speak(gateway.port, raw)).status == 400

    @pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
    async def test_refuses_other_methods(self, gateway: Gateway, method: str) -> None:
        said = await speak(gateway.port, request(method, "/registry/v1/a"))

        assert said.status in {400, 405}

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ([f"x-{i}: 1" for i in range(70)], 431),
            (["x-a: " + "a" * 9000], 431),
            ([f"x-{i}: {'a' * 6000}" for i in range(3)], 431),
        ],
    )
    async def test_refuses_too_many_headers(
        self, gateway: Gateway, headers: list[str], status: int
    ) -> None:
        said = await speak(gateway.port, request("GET", "/registry/v1/a", *headers))

        assert said.status == status

    async def test_refuses_a_long_request_line(self, gateway: Gateway) -> None:
        said = await speak(gateway.port, request("GET", "/registry/v1/" + "a" * 5000))

        assert said.status == 414

    async def test_closes_on_a_head_that_does_not_come(self, gateway: Gateway) -> None:
        started = time.monotonic()

        said = await speak(gateway.port, b"GET / HTTP/1.1\r\nhost:", seconds=15)

        assert said.raw == b""
        assert 8 < time.monotonic() - started < 14


class TestRoutes:
    @pytest.mark.parametrize(
        "path",
        [
            "/registry/metrics",
            "/registry/readyz",
            "/registry/openapi.json",
            "/registry/v1",
            "/registry/v2/a",
            "/registry",
            "/metrics",
            "/nothing",
            "/referrals/hsds/a",
            "/registryv1/a",
            "/Registry/v1/a",
        ],
    )
    async def test_knows_no_other_way_in(
        self, client: httpx.AsyncClient, registry: Upstream, path: str
    ) -> None:
        registry.answers(answer())

        answered = await client.get(path)

        assert answered.status_code == 404
        assert answered.json()["code"] == "not_found"
        assert not registry.calls

    @pytest.mark.parametrize(
        ("path", "service", "target"),
        [
            ("/registry/v1/municipalities", "registry", b"/v1/municipalities"),
            ("/registry/hsds/services?page=2", "registry", b"/hsds/services?page=2"),
            ("/indicators/sdmx/v2/data/a,b,1.0/*", "indicators", b"/sdmx/v2/data/a,b,1.0/*"),
            ("/referrals/v1/cases", "referrals", b"/v1/cases"),
        ],
    )
    async def test_leads_to_the_service(
        self,
        client: httpx.AsyncClient,
        services: dict[str, Upstream],
        path: str,
        service: str,
        target: bytes,
    ) -> None:
        services[service].answers(answer(b'{"a": 1}'))

        answered = await client.get(path)

        assert answered.json() == {"a": 1}
        assert services[service].calls[-1].target == target

    async def test_says_405_with_allow_on_its_own_pages(self, client: httpx.AsyncClient) -> None:
        answered = await client.post("/limits")

        assert answered.status_code == 405
        assert answered.headers["allow"] == "GET, HEAD"


def unsigned(claims: dict[str, Any]) -> str:
    parts = [{"alg": "none", "typ": "at+jwt"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*encoded, ""])


class TestTokens:
    @pytest.mark.parametrize(
        "kind", ["forged", "expired", "audience", "issuer", "none", "garbage", "scheme", "empty"]
    )
    async def test_refuses_before_the_service_hears_of_it(
        self, client: httpx.AsyncClient, registry: Upstream, issuer: Issuer, kind: str
    ) -> None:
        registry.answers(answer())
        now = int(time.time())
        claims = {"iss": issuer.url, "sub": "a", "aud": "komuna", "exp": now + 60, "iat": now}
        header = {
            "forged": f"Bearer {Issuer().token('persona:ops')}",
            "expired": f"Bearer {issuer.token('persona:ops', iat=now - 700, exp=now - 100)}",
            "audience": f"Bearer {issuer.token('persona:ops', aud='other')}",
            "issuer": f"Bearer {issuer.token('persona:ops', iss='http://other.test')}",
            "none": f"Bearer {unsigned(claims)}",
            "garbage": "Bearer a.b.c",
            "scheme": "Basic b3BzOm9wcw==",
            "empty": "Bearer",
        }[kind]

        answered = await client.get("/registry/v1/me", headers={"authorization": header})

        assert answered.status_code == 401
        assert answered.headers["www-authenticate"].startswith("Bearer")
        assert answered.json()["code"] == "invalid_token"
        assert not registry.calls

    async def test_passes_a_valid_token_on(
        self, client: httpx.AsyncClient, registry: Upstream, signed: dict[str, str]
    ) -> None:
        registry.answers(answer())

        assert (await client.get("/registry/v1/me", headers=signed)).status_code == 200
        assert registry.calls[0].header(b"authorization") == signed["authorization"].encode()

    async def test_leaves_it_to_the_service_who_may_read_without_one(
        self, client: httpx.AsyncClient, registry: Upstream
    ) -> None:
        registry.answers(answer(b"{}", status=b"401 Unauthorized"))

        assert (await client.get("/registry/v1/me")).status_code == 401
        assert len(registry.calls) == 1


class TestBodies:
    async def test_refuses_200_megabytes_without_a_token_after_64_kilobytes(
        self, gateway: Gateway, registry: Upstream
    ) -> None:
        registry.answers(answer())
        before = gateway.bytes_read()
        head = request("POST", "/registry/v1/imports", f"content-length: {200 * MEGA}")

        said = await speak(gateway.port, head, *([b"x" * MEGA] * 200))

        assert said.status == 401
        assert gateway.bytes_read() - before <= 64 * KILO
        assert not registry.calls

    async def test_refuses_chunks_without_a_token(
        self, gateway: Gateway, registry: Upstream
    ) -> None:
        registry.answers(answer())
        before = gateway.bytes_read()
        head = request("POST", "/registry/v1/imports", "transfer-encoding: chunked")
        chunk = b"%x\r\n" % MEGA + b"x" * MEGA + b"\r\n"

        said = await speak(gateway.port, head, *([chunk] * 50))

        assert said.status == 401
        assert gateway.bytes_read() - before <= 64 * KILO
        assert not registry.calls

    async def test_takes_an_open_body_up_to_its_cap(
        self, client: httpx.AsyncClient, registry: Upstream
    ) -> None:
        registry.answers(answer())
        path = "/registry/v1/municipality-resolutions"

        assert (await client.post(path, content=b"x" * MEGA)).status_code == 200
        assert (await client.post(path, content=b"x" * (MEGA + 1))).status_code == 413
        assert (await client.put(path, content=b"x")).status_code == 401
        assert len(registry.calls) == 1

    async def test_refuses_a_length_over_the_cap_unread(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str]
    ) -> None:
        registry.answers(answer())
        before = gateway.bytes_read()
        head = request(
            "POST",
            "/registry/v1/a",
            f"content-length: {200 * MEGA}",
            f"authorization: {signed['authorization']}",
        )

        said = await speak(gateway.port, head, *([b"x" * MEGA] * 200))

        assert said.status == 413
        assert gateway.bytes_read() - before <= 64 * KILO
        assert not registry.calls

    async def test_stops_chunks_at_the_cap(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str]
    ) -> None:
        async def handle(call: Any) -> None:
            await call.body()

        registry.does(handle)
        before = gateway.bytes_read()
        head = request(
            "POST",
            "/registry/v1/a",
            "transfer-encoding: chunked",
            f"authorization: {signed['authorization']}",
        )
        chunk = b"%x\r\n" % MEGA + b"x" * MEGA + b"\r\n"

        said = await speak(gateway.port, head, *([chunk] * 50))

        assert said.status == 413
        assert json.loads(said.body)["code"] == "too_large"
        assert gateway.bytes_read() - before < 2 * MEGA

    async def test_streams_an_import_of_64_megabytes(
        self,
        gateway: Gateway,
        client: httpx.AsyncClient,
        registry: Upstream,
        signed: dict[str, str],
    ) -> None:
        received = 0

        async def handle(call: Any) -> None:
            nonlocal received
            left = int(call.header(b"content-length"))
            while left:
                piece = await call.reader.read(MEGA)
                left -= len(piece)
                received += len(piece)
            await call.say(answer(status=b"202 Accepted"))

        registry.does(handle)
        before = gateway.memory()

        answered = await client.post(
            "/registry/v1/imports", content=bytes(64 * MEGA), headers=signed
        )

        assert answered.status_code == 202
        assert received == 64 * MEGA
        assert gateway.memory() - before < 24 * MEGA

    async def test_refuses_an_import_over_64_megabytes(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str]
    ) -> None:
        registry.answers(answer())
        said = await speak(
            gateway.port,
            request(
                "POST",
                "/registry/v1/imports",
                f"content-length: {64 * MEGA + 1}",
                f"authorization: {signed['authorization']}",
            ),
        )

        assert said.status == 413
        assert not registry.calls

    async def test_refuses_a_body_on_a_read(
        self, client: httpx.AsyncClient, registry: Upstream, signed: dict[str, str]
    ) -> None:
        registry.answers(answer())

        answered = await client.request("GET", "/registry/v1/a", content=b"{}", headers=signed)

        assert answered.status_code == 400
        assert answered.json()["code"] == "unexpected_body"
        assert not registry.calls


class TestRefusals:
    @pytest.mark.parametrize(
        ("language", "title"),
        [
            ("sq", "Nuk u gjet"),
            ("sr-Latn", "Nije pronađeno"),
            ("sr-Cyrl", "Није пронађено"),
            ("en", "Not found"),
        ],
    )
    async def test_speaks_the_callers_language(
        self, client: httpx.AsyncClient, language: str, title: str
    ) -> None:
        for answered in (
            await client.get("/nothing", headers={"accept-language": language}),
            await client.get(f"/nothing?lang={language}"),
        ):
            assert answered.headers["content-language"] == language
            assert answered.json()["title"] == title

    async def test_names_the_trace_and_never_the_path(self, client: httpx.AsyncClient) -> None:
        trace = "0af7651916cd43dd8448eb211c80319c"
        headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}

        answered = await client.get(f"/{CANARY}", headers=headers)

        problem = answered.json()
        assert answered.headers["request-id"] == "0af76519-16cd-43dd-8448-eb211c80319c"
        assert problem["instance"] == "urn:uuid:0af76519-16cd-43dd-8448-eb211c80319c"
        assert problem["type"] == "https://komuna.test/problems/not_found"
        assert CANARY not in answered.text

    async def test_keeps_a_planted_name_out_of_answers_and_logs(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str]
    ) -> None:
        registry.answers(answer(b"oops " + CANARY.encode(), status=b"500 Broken"))
        authorization = f"authorization: {signed['authorization']}"
        said: list[Said] = [
            await speak(gateway.port, raw, seconds=1)
            for raw in (
                request("GET", f"/registry/v1/{CANARY}"),
                request("GET", f"/registry/v1/a?q={CANARY}"),
                request("GET", f"/{CANARY}"),
                request("GET", f"/{CANARY}%2e?{CANARY}=%zz"),
                request("POST", "/registry/v1/a", "content-length: 21", body=CANARY.encode()),
                request("GET", "/registry/v1/a", f"authorization: Bearer {CANARY}"),
                request("GET", "/registry/v1/a", f"accept-language: {CANARY}"),
                request("GET", "/registry/v1/a", f"traceparent: {CANARY}"),
                request("GET", "/registry/v1/a", f"{CANARY}: {CANARY}", authorization),
                f"GET /{CANARY} {CANARY}\r\n\r\n".encode(),
            )
        ]

        assert all(one.status >= 400 for one in said)
        assert not any(CANARY.encode() in one.raw for one in said)
        await asyncio.sleep(0.3)
        assert CANARY not in gateway.log.read_text()

    async def test_says_no_more_than_it_must(self, gateway: Gateway) -> None:
        said = await speak(gateway.port, request("GET", "/nothing"))

        assert said.all(b"server") == []
        assert said.all(b"x-content-type-options") == [b"nosniff"]
        assert said.all(b"content-security-policy") == [
            b"default-src 'none'; frame-ancestors 'none'"
        ]
        assert len(said.all(b"date")) == 1
