"""How the server reads a connection: never far ahead of what is asked for, and not for ever."""

import asyncio
import os
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from komuna_shared.languages import DEFAULT
from komuna_shared.problems import problem, trace_id_of
from komuna_shared.server import Buffered
from komuna_shared.wire import BadFramingError

HEAD_SECONDS = 10.0
HEAD_WAITS_SECONDS = 0.002


class _Corked:
    """A transport that sends the head of an answer with the first piece of its body.

    uvicorn writes them apart, and every write is a system call.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""
        self._timer: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send the data, together with a head that waits; let a head wait for a moment."""
        if self._head:
            head, self._head = self._head, b""
            self._stop_timer()
            self._transport.write(head + data)
        elif data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._timer = self._loop.call_later(HEAD_WAITS_SECONDS, self.flush)
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Send a head that waits."""
        self._stop_timer()
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def close(self) -> None:
        """Close once everything is sent."""
        self.flush()
        self._transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Parser(HttpToolsProtocol):
    """uvicorn's protocol; it waits for a head only so long, and for a body until it is wanted."""

    _timer: asyncio.TimerHandle | None = None
    _is_head_new = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        corked = _Corked(transport, self.loop)
        super().connection_made(corked)  # type: ignore[arg-type]
        self._timer = self.loop.call_later(HEAD_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def on_headers_complete(self) -> None:
        self._stop_timer()
        self._is_head_new = True
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_head_new:
            self._is_head_new = False
            if self.cycle.more_body:
                # Whoever wants the body resumes by asking for it.
                self.flow.pause_reading()

    def on_response_complete(self) -> None:
        self.transport.flush()  # type: ignore[attr-defined]
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 -- in place of uvicorn's sentence.
        trace_id = trace_id_of(os.urandom(16).hex())
        status, headers, body = problem(BadFramingError(), language=DEFAULT, trace_id=trace_id)
        headers += [(b"connection", b"close"), (b"request-id", trace_id.encode())]
        lines = [name + b": " + value + b"\r\n" for name, value in headers]
        self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", body]))
        self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Protocol(Buffered):
    """What the gateway is started with."""

    parser = _Parser
