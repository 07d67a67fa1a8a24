"""Speak HTTP to one upstream: the only module that knows pyreqwest."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response

SHORT_BYTES = 16_384
CONNECT_SECONDS = 1.0
POOL_SECONDS = 0.3
# Shorter than the five seconds after which uvicorn closes an idle connection: the other way round
# a request would now and then be written into a connection that is just being closed.
IDLE_SECONDS = 4.0


class UpstreamError(Exception):
    """The upstream gave no answer that can be passed on."""


class UpstreamTimeoutError(UpstreamError):
    """The upstream took longer than the request may take."""


@dataclass(slots=True)
class Outgoing:
    """One request as the upstream will see it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    seconds: float
    body: AsyncIterator[bytes] | None = None


class Answer(Protocol):
    """The head of an upstream's answer, and its body as it arrives."""

    status: int
    headers: list[tuple[bytes, bytes]]

    # Whether the head promises no more than one piece.
    is_short: bool

    @property
    def is_over(self) -> bool:
        """Tell whether the promised length has been read; false also while that is unknown."""

    async def read(self) -> bytes:
        """Return the next piece of the body, nothing at its end."""

    async def close(self) -> None:
        """Let go of the connection, whatever is left on it."""


class Transport(Protocol):
    """One upstream's connections."""

    async def send(self, outgoing: Outgoing) -> Answer:
        """Send a request and return when the head of the answer is here."""

    async def close(self) -> None:
        """Close every connection."""


class _PyreqwestAnswer:
    __slots__ = ("_call", "_left", "_read", "headers", "is_short", "status")

    def __init__(self, call: StreamRequest, response: Response, method: str) -> None:
        self._call = call
        self._read = response.body_reader.read_chunk
        self.status = response.status
        self.headers = [
            (k.encode("ascii"), v.encode("latin-1")) for k, v in response.headers.items()
        ]
        self._left = 0 if method == "HEAD" else body_length(self.headers)
        self.is_short = self._left is not None and self._left <= SHORT_BYTES

    @property
    def is_over(self) -> bool:
        """Tell whether the promised length has been read; false also while that is unknown."""
        return self._left == 0

    async def read(self) -> bytes:
        """Return the next piece of the body, nothing at its end."""
        # Asking once more for the end of a body whose length is known costs a change of threads.
        while self._left != 0:
            try:
                chunk = await self._read()
            except PyreqwestError as error:
                raise _translated(error) from None
            if chunk is None:
                break
            if self._left is not None:
                self._left -= len(chunk)
            if len(chunk):
                return chunk.to_bytes()
        return b""

    async def close(self) -> None:
        """Let go of the connection, whatever is left on it."""
        await self._call.__aexit__(None, None, None)


class PyreqwestTransport:
    """Connections to one origin, held by pyreqwest."""

    def __init__(self, origin: str, *, connections: int, seconds: float) -> None:
        self._origin = origin.rstrip("/")
        self._seconds = seconds
        self._client = _client(connections, seconds)

    async def send(self, outgoing: Outgoing) -> Answer:
        """Send a request and return when the head of the answer is here.

        It is not to be cancelled: pyreqwest would go on, and its context could not be closed.
        """
        try:
            request = self._client.request(outgoing.method, self._origin + outgoing.target)
            # By default the head waits until 64 KiB or the end of the body are here.
            request = request.headers(outgoing.headers).streamed_read_buffer_limit(0)
            if outgoing.seconds != self._seconds:
                request = request.timeout(timedelta(seconds=outgoing.seconds))
            if outgoing.body is not None:
                request = request.body_stream(outgoing.body)
            call = request.build_streamed()
            response = await call.__aenter__()
        except PyreqwestError as error:
            raise _translated(error) from None
        try:
            return _PyreqwestAnswer(call, response, outgoing.method)
        except ValueError:  # A header with a byte above 127.
            await call.__aexit__(None, None, None)
            raise UpstreamError from None

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()


def body_length(headers: list[tuple[bytes, bytes]]) -> int | None:
    """Return the length the headers promise, or None when the body says itself where it ends."""
    given = dict(headers)
    length = given.get(b"content-length", b"")
    if b"transfer-encoding" in given or not length.isdigit():
        return None
    return int(length)


def _client(connections: int, seconds: float) -> Client:
    return (
        ClientBuilder()
        .no_proxy()
        .follow_redirects(enable=False)
        .referer(enable=False)
        .gzip(enable=False)
        .brotli(enable=False)
        .zstd(enable=False)
        .deflate(enable=False)
        .default_cookie_store(enable=False)
        .user_agent("komuna-gateway")
        .http1_only()
        .http1_lower_case_headers()
        .connect_timeout(timedelta(seconds=CONNECT_SECONDS))
        .timeout(timedelta(seconds=seconds))
        .max_connections(connections)
        .pool_timeout(timedelta(seconds=POOL_SECONDS))
        .pool_idle_timeout(timedelta(seconds=IDLE_SECONDS))
        .build()
    )


def _translated(error: PyreqwestError) -> UpstreamError:
    return UpstreamTimeoutError() if isinstance(error, TimeoutError) else UpstreamError()
