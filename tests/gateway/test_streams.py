"""Long bodies, slow readers and callers who leave."""

import asyncio

import httpx

from tests.gateway.processes import Gateway
from tests.gateway.wire import Call, Upstream, answer, request

MEGA = 1024 * 1024


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
