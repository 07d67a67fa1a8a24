"""Python programs that tests start as processes of their own."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg

from komuna_deploy import ports

_OFFSETS = (0, *range(20, 26))
START = """
import signal, sys
from pathlib import Path
from komuna_deploy.postgres import cluster
server = cluster.start(Path(sys.argv[1]))
print(server.process.pid, server.port, flush=True)
signal.pause()
"""


def start_python(code: str, *arguments: object, **variables: str) -> subprocess.Popen[str]:
    """Start a program whose parent we are."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    """Return the first line a process says, or fail with what it complained of."""
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline().strip()
    assert line, process.stderr.read()
    return line


def kill(process: subprocess.Popen[str]) -> None:
    """End a process without a word, and close its pipes."""
    process.kill()
    process.communicate()


def is_alive(pid: int) -> bool:
    """Say whether a process runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def eventually(condition: Callable[[], bool], *, within: float = 5.0) -> bool:
    """Say whether something becomes true in time."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def free_port_base() -> int:
    """Return a number from which all of Komuna's ports are free."""
    while True:
        base = random.randrange(20_000, 32_000)  # noqa: S311 -- not a secret.
        if all(ports.is_free(base + offset) for offset in _OFFSETS):
            return base


async def ask(dsn: str, statement: str) -> object:
    """Return what a database answers to one question."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
