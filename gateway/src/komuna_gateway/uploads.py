"""What still comes from a caller while the answer is made: the rest of a body, or a farewell."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.types import Receive

from komuna_shared.errors import ServiceError, TooLargeError

# Most answers are over before; watching those would cost more than it saves.
PATIENCE = 0.05


class ClientGoneError(Exception):
    """The caller left before everything was said."""


class Upload:
    """One body, counted as it passes."""

    __slots__ = ("_cap", "_left", "_receive", "is_gone", "is_over", "refusal")

    def __init__(self, receive: Receive, cap: int) -> None:
        self._receive = receive
        self._cap = self._left = cap
        self.is_over = False
        self.is_gone = False
        self.refusal: ServiceError | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, and stop hard where it breaks its cap."""
        while not self.is_over:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.is_gone = True
                raise ClientGoneError
            piece = message.get("body", b"")
            self._left -= len(piece)
            if self._left < 0:
                self.refusal = TooLargeError(limit=self._cap)
                raise self.refusal
            self.is_over = not message.get("more_body", False)
            if piece:
                yield piece


class Watch:
    """Notices when the caller leaves while the answer is being read."""

    __slots__ = ("_is_reading", "_reader", "_receive", "_task", "_timer", "is_gone")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._reader = asyncio.current_task()
        self._is_reading = False
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._start)
        self.is_gone = False

    async def read(self, read: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return what `read` gives, or raise `ClientGoneError` as soon as the caller left."""
        if self.is_gone:
            raise ClientGoneError
        self._is_reading = True
        try:
            return await read()
        except asyncio.CancelledError:
            if not self.is_gone or self._reader is None:
                raise
            self._reader.uncancel()
            raise ClientGoneError from None
        finally:
            self._is_reading = False

    def stop(self) -> None:
        """Look no more."""
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        self._task = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        if self._is_reading and self._reader is not None:
            self._reader.cancel()
