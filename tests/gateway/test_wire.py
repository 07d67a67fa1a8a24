"""What may arrive on the wire at all."""

import json
import time

import pytest

from tests.gateway.processes import Gateway
from tests.gateway.wire import Upstream, answer, request, speak


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
