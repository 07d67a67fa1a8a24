"""The access log: one line a request, and one write for many."""

import asyncio
import logging
import sys
from time import gmtime, strftime, time
from typing import BinaryIO

from komuna_gateway.exchange import Exchange

# A line waits this long for others; each write of its own would cost as much as a token check.
SECONDS = 0.05


class Journal:
    """Writes what `komuna_shared.logging` would, for the path that cannot afford it."""

    def __init__(self, level: str, output: BinaryIO | None = None) -> None:
        self._is_wanted = logging.getLevelNamesMapping()[level] <= logging.INFO
        self._output = output or sys.stdout.buffer
        self._lines: list[str] = []
        self._second = 0
        self._stamp = ""

    def note(self, exchange: Exchange, method: str, seconds: float) -> None:
        """Note one answered request; nothing of what the caller sent is in it."""
        if not self._is_wanted:
            return
        now = time()
        if int(now) != self._second:
            self._second = int(now)
            self._stamp = strftime("%Y-%m-%dT%H:%M:%S", gmtime(now))
        # Every part is ours: names of services, methods on a list, numbers, codes.
        code = f',"code":"{exchange.code}"' if exchange.code else ""
        line = (
            f'{{"timestamp":"{self._stamp}.{int(now % 1 * 1000):03}Z","level":"info",'
            f'"service":"gateway","event":"request","trace_id":"{exchange.trace_id}",'
            f'"route":"{exchange.route}","method":"{method}","status":{exchange.status},'
            f'"ms":{seconds * 1000:.2f}{code}}}\n'
        )
        if not self._lines:
            asyncio.get_running_loop().call_later(SECONDS, self.write)
        self._lines.append(line)

    def write(self) -> None:
        """Write what is waiting."""
        lines, self._lines = self._lines, []
        self._output.write("".join(lines).encode())
        self._output.flush()
