"""A process that has imported what every member needs, and forks the members from itself.

Most of a Python service's start is importing the same libraries; done once instead of ten times it
leaves two cores time for the rest. Each member is still a process of its own, with its own
environment and log, and runs the very command it would run alone.
"""

import ctypes
import gc
import importlib
import io
import json
import os
import runpy
import sys
import time
from contextlib import suppress
from typing import Any

_PRELOADED = (
    "uvicorn.main",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "fastapi",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "komuna_shared.app",
    "komuna_shared.exports",
    "komuna_shared.follower",
    "komuna_shared.imports",
    "komuna_shared.worker",
    "starlette.applications",
)
_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PATIENCE = 5.0


def main() -> None:
    """Import, then fork one member for each line of the standard input; answer with its number."""
    supervisor = os.getppid()
    for name in _PRELOADED:
        # Whoever really needs a broken module will say what is wrong with it.
        with suppress(Exception):
            importlib.import_module(name)
    # What is here stays: the collector need not touch, and so copy, the pages we share.
    gc.freeze()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        order = json.loads(line)
        born = _fork_twice(supervisor)
        if born == 0:
            _live(order)
            return
        sys.stdout.write(f"{born}\n")
        sys.stdout.flush()


def _fork_twice(supervisor: int) -> int:
    """Return 0 in a child of the supervisor's, and its number here.

    The process between the two ends at once, so that the kernel gives the child to the nearest
    process that adopts, which the supervisor has said it does.
    """
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        child = os.fork()
        if child != 0:
            os.write(writing, str(child).encode())
            os._exit(0)
        os.close(reading)
        os.close(writing)
        _wait_for_parent(supervisor)
        return 0
    os.close(writing)
    os.waitpid(between, 0)
    born = int(os.read(reading, 32))
    os.close(reading)
    return born


def _wait_for_parent(supervisor: int) -> None:
    until = time.monotonic() + _PATIENCE
    while os.getppid() != supervisor:
        if time.monotonic() > until:
            os._exit(1)
        time.sleep(0.001)


def _live(order: dict[str, Any]) -> None:
    """Become the member: its session, its log, its environment, its command."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_PDEATHSIG, int(order["on_parent_death"]), 0, 0, 0)
    prctl(_PR_SET_NAME, order["name"].encode()[:15], 0, 0, 0)
    if os.getppid() != order["supervisor"]:
        os._exit(1)
    os.setsid()
    os.umask(0o077)
    os.chdir("/")
    _say_into(order["log"])
    os.environ.clear()
    os.environ.update(order["environment"])
    module, *arguments = order["command"]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _say_into(log: str) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for target, source in ((0, nothing), (1, sink), (2, sink)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(sink)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)


if __name__ == "__main__":
    main()
