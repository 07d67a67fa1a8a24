"""Speak HTTP to one upstream with aiohttp: slower and more exact, kept as a drop-in."""

import asyncio

import aiohttp
from yarl import URL

from komuna_gateway.transport import (
    CONNECT_SECONDS,
    IDLE_SECONDS,
    POOL_SECONDS,
    SHORT_BYTES,
    Answer,
    Outgoing,
    UpstreamError,
    UpstreamTimeoutError,
    body_length,
)

_ADDED_UNASKED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
READ_BYTES = 65_536


class _AiohttpAnswer:
    __slots__ = ("_deadline", "_left", "_response", "headers", "is_short", "status")

    def __init__(self, response: aiohttp.ClientResponse, method: str, deadline: float) -> None:
        self._response = response
        self._deadline = deadline
        self.status = response.status
        self.headers = [(name.lower(), value) for name, value in response.raw_headers]
        self._left = 0 if method == "HEAD" else body_length(self.headers)
        self.is_short = self._left is not None and self._left <= SHORT_BYTES

    @property
    def is_over(self) -> bool:
        """Tell whether the promised length has been read; false also while that is unknown."""
        return self._left == 0

    async def read(self) -> bytes:
        """Return the next piece of the body, nothing at its end."""
        if self._left == 0:
            return b""
        try:
            async with asyncio.timeout_at(self._deadline):
                piece = await self._response.content.readany()
        except TimeoutError:
            raise UpstreamTimeoutError from None
        except aiohttp.ClientError:
            raise UpstreamError from None
        if self._left is not None:
            self._left -= len(piece)
        return piece

    async def close(self) -> None:
        """Let go of the connection, whatever is left on it."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


class AiohttpTransport:
    """Connections to one origin, held by aiohttp."""

    def __init__(self, origin: str, *, connections: int, seconds: float) -> None:
        self._origin = origin.rstrip("/")
        self._seconds = seconds
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def send(self, outgoing: Outgoing) -> Answer:
        """Send a request and return when the head of the answer is here."""
        deadline = asyncio.get_running_loop().time() + outgoing.seconds
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._open().request(
                    outgoing.method,
                    URL(self._origin + outgoing.target, encoded=True),
                    headers=outgoing.headers,
                    data=outgoing.body,
                    allow_redirects=False,
                    skip_auto_headers=_ADDED_UNASKED,
                )
        except TimeoutError:
            raise UpstreamTimeoutError from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise UpstreamError from None
        return _AiohttpAnswer(response, outgoing.method, deadline)

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # aiohttp wants a running loop, which there is none of when the gateway is put together.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, keepalive_timeout=IDLE_SECONDS
                ),
                timeout=aiohttp.ClientTimeout(
                    total=None, connect=POOL_SECONDS + CONNECT_SECONDS, sock_connect=CONNECT_SECONDS
                ),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session
