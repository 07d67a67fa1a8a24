"""What a caller hears when a service fails."""

import asyncio
import json
from time import monotonic

import httpx
import pytest

from komuna_gateway.gate import PAUSE_SECONDS
from tests.gateway.processes import Gateway
from tests.gateway.wire import Call, Upstream, answer, request, speak

MEGA = 1024 * 1024


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

    async def test_leaves_a_failing_service_alone_for_a_moment(
        self, client: httpx.AsyncClient, registry: Upstream, signed: dict[str, str]
    ) -> None:
        async def handle(call: Call) -> None:
            await call.body()
            await asyncio.sleep(0.01)
            call.writer.close()

        registry.does(handle)
        codes = set()
        for _ in range(30):
            codes.add((await client.post("/registry/v1/a", headers=signed)).json()["code"])
        assert codes == {"bad_gateway", "upstream_down"}

        registry.answers(answer())
        await asyncio.sleep(PAUSE_SECONDS + 0.1)
        assert (await client.get("/registry/v1/a")).status_code == 200
