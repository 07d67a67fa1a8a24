"""JSON lines with allow-listed keys: what is not on the list cannot slip in."""

import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

KEYS = frozenset(
    {
        "event", "level", "timestamp", "service", "trace_id", "route", "method", "status", "ms",
        "code", "error_type", "at", "sqlstate", "job", "job_id", "attempt", "upstream", "rows",
        "count", "bytes", "seconds", "collection", "version", "step", "port", "state", "lag_s",
    }
)  # fmt: skip

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def configure(service: str, level: str = "INFO") -> None:
    """Send every log line of this process to standard output as JSON."""
    structlog.configure(
        processors=[_Line(service)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.BytesLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Bare())
    # Libraries put values into their messages: of theirs only the logger's name is kept.
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        foreign = logging.getLogger(name)
        foreign.handlers, foreign.propagate = [], name != "uvicorn.access"
        foreign.setLevel(logging.WARNING)


def error_of(failure: BaseException) -> dict[str, str]:
    """Return what may be logged of a failure: its type, its place in our code, its SQL state."""
    found = {"error_type": type(failure).__name__}
    trace = failure.__traceback__
    while trace is not None:
        if "komuna" in (name := trace.tb_frame.f_globals.get("__name__", "")):
            found["at"] = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    state = getattr(failure, "sqlstate", None) or getattr(
        getattr(failure, "orig", None), "sqlstate", None
    )
    return found | ({"sqlstate": str(state)} if state else {})


class _Line:
    """Makes the line of one event, in one step because every request pays for it."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _: Any, level: str, line: MutableMapping[str, Any]) -> bytes:
        known = {key: value for key, value in line.items() if key in KEYS}
        head = {"timestamp": datetime.now(UTC), "level": level, "service": self._service}
        return orjson.dumps(head | known, default=str)


class _Bare(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"event": "library", "level": record.levelname.lower(), "code": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            line |= error_of(record.exc_info[1])
        return orjson.dumps(line).decode()
