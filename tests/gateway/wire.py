"""Upstreams and callers that speak HTTP byte by byte, so that they can also speak it badly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Handler = Callable[["Call"], Awaitable[None]]

HEAD_SECONDS = 5.0


@dataclass
class Call:
    """One request as it arrived at an upstream."""

    line: bytes
    headers: list[tuple[bytes, bytes]]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)

    @property
    def target(self) -> bytes:
        return self.line.split(b" ")[1]

    async def body(self) -> bytes:
        """Read the whole body, by its length or by its chunks."""
        length = self.header(b"content-length")
        if length is not None:
            return await self.reader.readexactly(int(length))
        body = b""
        while self.header(b"transfer-encoding") is not None:
            size = int((await self.reader.readline()).strip() or b"0", 16)
            body += await self.reader.readexactly(size)
            await self.reader.readline()
            if size == 0:
                break
        return body

    async def say(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()


@dataclass
class Upstream:
    """A server whose every answer a test writes itself."""

    port: int = 0
    handler: Handler | None = None
    calls: list[Call] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, raw: bytes) -> None:
        """Answer every request with these bytes, after reading its body."""

        async def handle(call: Call) -> None:
            await call.body()
            await call.say(raw)

        self.does(handle)

    def does(self, handler: Handler) -> None:
        self.handler = handler
        self.calls.clear()
        self.gone.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while call := await read_call(reader, writer):
                self.calls.append(call)
                assert self.handler is not None, "The test did not say what the upstream does."
                await self.handler(call)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.gone.set()
        finally:
            writer.close()


async def read_call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Call | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    line, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    pairs = [one.partition(b":") for one in lines]
    headers = [(name.lower(), value.strip()) for name, _, value in pairs]
    return Call(line, headers, reader, writer)


@asynccontextmanager
async def raw_upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    upstream.port = server.sockets[0].getsockname()[1]
    try:
        yield upstream
    finally:
        server.close()


def answer(body: bytes = b"{}", *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """Return the bytes of a plain answer."""
    lines = [b"HTTP/1.1 " + status, b"content-length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@dataclass
class Said:
    """What a caller got back, as bytes."""

    raw: bytes

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1]) if self.raw else 0

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0].lower()

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    def all(self, name: bytes) -> list[bytes]:
        lines = self.raw.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
        pairs = (line.partition(b":") for line in lines)
        return [value.strip() for key, _, value in pairs if key.lower() == name]


async def speak(port: int, *pieces: bytes, seconds: float = 5.0) -> Said:
    """Send bytes and return what comes back meanwhile, until the other side closes or is quiet."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writing = asyncio.create_task(_write_all(writer, pieces))
    raw = b""
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(seconds):
            while piece := await reader.read(65_536):
                raw += piece
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    writer.transport.abort()
    return Said(raw)


async def _write_all(writer: asyncio.StreamWriter, pieces: tuple[bytes, ...]) -> None:
    with suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()


def request(method: str, path: str, *headers: str, body: bytes = b"", close: bool = True) -> bytes:
    """Return the bytes of a plain request."""
    lines = [f"{method} {path} HTTP/1.1", "host: komuna.test", *headers]
    lines += ["connection: close"] if close else []
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
