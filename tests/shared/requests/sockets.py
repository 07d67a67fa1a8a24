"""A real server on a real socket, and bytes as they come."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import uvicorn
from starlette.types import ASGIApp

from komuna_shared.server import Buffered, Protocol


@asynccontextmanager
async def serving(app: ASGIApp, protocol: type[Buffered] = Protocol) -> AsyncIterator[int]:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=protocol,  # type: ignore[arg-type]  # Any callable that makes a protocol will do.
        log_config=None,
        server_header=False,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it.
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def send_raw(port: int, request: bytes, *, patience: float = 5) -> bytes:
    """Send bytes, and return everything the server says until it closes or falls silent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = b""
    try:
        async with asyncio.timeout(patience):
            while chunk := await reader.read(65536):
                answer += chunk
                if b"\r\n\r\n" in answer and _is_whole(answer):
                    break
    except (TimeoutError, ConnectionError):
        pass
    await hang_up(writer)
    return answer


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()


def _is_whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    return bool(lengths) and len(body) >= int(lengths[0].split(b":")[1])


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a refusal, whose form is always the same."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["instance"] == f"urn:uuid:{answer.headers['request-id']}"
    return answer.status_code, document["code"]


class Upstream:
    """A server that says what it is told to, and counts what it is asked."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []
        self.url = ""
        self.drips = False

    @property
    def heads(self) -> Counter[bytes]:
        return Counter(head.split(b"\r\n")[0] for head in self.asked)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lowered = head.lower()
                if b"content-length: " in lowered:
                    length = lowered.partition(b"content-length: ")[2].partition(b"\r\n")[0]
                    await reader.readexactly(int(length))
                self.asked.append(head)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if not answer:
                    break
                for byte in range(len(answer) if self.drips else 0):
                    writer.write(answer[byte : byte + 1])
                    await asyncio.sleep(0.05)
                if not self.drips:
                    writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()


@asynccontextmanager
async def running(upstream: Upstream) -> AsyncIterator[Upstream]:
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    upstream.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield upstream
    finally:
        server.close()
        await asyncio.sleep(0.01)
