"""The access log: one line a request, and one write for many."""

import asyncio
import logging
import sys
from datetime import UTC, datetime
from typing import BinaryIO

import orjson

from komuna_gateway.exchange import Exchange

# A line waits this long for others; each write of its own would cost as much as a token check.
SECONDS = 0.05


class Journal:
    """Writes what `komuna_shared.logging` would, for the path that cannot afford it."""

    def __init__(self, level: str, output: BinaryIO | None = None) -> None:
        self._is_wanted = logging.getLevelNamesMapping()[level] <= logging.INFO
        self._output = output or sys.stdout.buffer
        self._lines: list[bytes] = []

    def note(self, exchange: Exchange, method: str, seconds: float) -> None:
        """Note one answered request; nothing of what the caller sent is in it."""
        if not self._is_wanted:
            return
        line = {
            "timestamp": datetime.now(UTC),
            "level": "info",
            "service": "gateway",
            "event": "request",
            "trace_id": exchange.trace_id,
            "route": exchange.route,
            "method": method,
            "status": exchange.status,
            "ms": round(seconds * 1000, 2),
        }
        if exchange.code:
            line["code"] = exchange.code
        if not self._lines:
            asyncio.get_running_loop().call_later(SECONDS, self.write)
        self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def write(self) -> None:
        """Write what is waiting."""
        lines, self._lines = self._lines, []
        self._output.write(b"".join(lines))
        self._output.flush()
