"""How much of a body is read, and from whom."""

import json
from typing import Any

import httpx

from tests.gateway.processes import Gateway
from tests.gateway.wire import Upstream, answer, request, speak

KILO = 1024
MEGA = 1024 * KILO
CANARY = "Arta-Krasniqi-Prizren"


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
