"""The HTTP protocol of every process: uvicorn's, with bounds on a request's head.

Started as `uvicorn --http komuna_shared.server:Protocol`.
"""

import asyncio
import secrets
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from komuna_shared.errors import HeadersTooLargeError, ServiceError, SlowRequestError
from komuna_shared.languages import DEFAULT
from komuna_shared.problems import problem, trace_id_of
from komuna_shared.wire import MAX_HEADER_BLOCK, BadFramingError

HEAD_DEADLINE = 10.0
LINGER = 1.0
# The wire check answers what is a little over its own caps; this one guards the memory.
_MAX_HEAD = 4 * MAX_HEADER_BLOCK
READ_BYTES = 65_536
# What is read is parsed at once, so that one buffer serves every connection.
_BUFFER = memoryview(bytearray(READ_BYTES))


class Buffered(asyncio.BufferedProtocol):
    """Reads in small pieces; the default takes 256 KB of a body before anyone has asked for it."""

    parser: type[HttpToolsProtocol]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        parser = self._parser = self.parser(*arguments, **named)
        self.connection_made = parser.connection_made  # type: ignore[assignment]
        self.connection_lost = parser.connection_lost  # type: ignore[method-assign]
        self.pause_writing = parser.pause_writing  # type: ignore[method-assign]
        self.resume_writing = parser.resume_writing  # type: ignore[method-assign]

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 -- the base class's signature.
        """Return where the next piece goes."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Parse the piece that came."""
        self._parser.data_received(bytes(_BUFFER[:nbytes]))


class Parser(HttpToolsProtocol):
    """Refuses, as a problem document, a head that is unreadable, endless, or never complete.

    A body that the answer did not wait for is not read to its end for nobody.
    """

    _head_bytes = 0
    _is_in_head = True
    _is_head_new = False
    _is_leaving = False
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the first head its time."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._cancel_deadline()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Count a head from its start."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """Stop counting."""
        self._is_in_head = False
        self._is_head_new = True
        self._cancel_deadline()
        super().on_headers_complete()
        patient = _PatientTransport(self.transport, self.cycle, self._leave)
        self.cycle.transport = patient  # type: ignore[assignment]

    def on_response_complete(self) -> None:
        """Go on with the next request, unless the body of this one is still on its way."""
        if not self.pipeline and self.cycle.more_body:
            self._leave()
        if not self._is_leaving:
            super().on_response_complete()

    def data_received(self, data: bytes) -> None:
        """Read on while the head is within bounds, and to a body when somebody asks for it."""
        super().data_received(data)
        if self._is_head_new:
            self._is_head_new = False
            if self.cycle.more_body and not self._is_leaving:
                self.flow.pause_reading()
                self.cycle.send = partial(_announce, self.cycle)  # type: ignore[method-assign]
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _MAX_HEAD:
                self._refuse(HeadersTooLargeError())

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 -- the base class's signature.
        """Answer what could not be parsed."""
        self._refuse(BadFramingError())

    def _leave(self) -> None:
        # Closing with unread bytes resets the connection, and the answer with it: so no more is
        # read, the end is announced, and the close comes when the client has had time to read.
        if self._is_leaving or self.transport.is_closing():
            return
        self._is_leaving = True
        self.flow.pause_reading()
        self.transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER, self.transport.close)

    def _expect_head(self) -> None:
        self._cancel_deadline()
        self._is_in_head, self._head_bytes = True, 0
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(HEAD_DEADLINE, self._refuse, SlowRequestError())

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, error: ServiceError) -> None:
        if self.transport.is_closing():
            return
        trace_id = trace_id_of(secrets.token_hex(16))
        status, headers, body = problem(error, language=DEFAULT, trace_id=trace_id)
        headers += [(b"request-id", trace_id.encode()), (b"connection", b"close")]
        lines = [b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode())]
        lines += [name + b": " + value for name, value in headers]
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        self.transport.close()


async def _announce(cycle: RequestResponseCycle, message: Any) -> None:
    """Say, before somebody sends more, that an answer without the whole body ends a connection."""
    if message["type"] == "http.response.start" and cycle.more_body:
        message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
    await RequestResponseCycle.send(cycle, message)


class Protocol(Buffered):
    """What a service is started with."""

    parser = Parser


class _PatientTransport:
    """Closes at once when everything was read, and politely when not."""

    def __init__(
        self, transport: asyncio.Transport, cycle: RequestResponseCycle, leave: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._cycle = cycle
        self._leave = leave
        self.write = transport.write
        self.is_closing = transport.is_closing

    def close(self) -> None:
        if self._cycle.more_body:
            self._leave()
        else:
            self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
