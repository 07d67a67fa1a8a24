"""All of Komuna with its data, started as `make run` starts it."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.load import OTHERS, TESTED
from benchmarks.servers import Server

STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Whole:
    """A running Komuna: the gateway on the first core, everything else on the second."""

    gateway: Server
    services: dict[str, str]
    others: list[psutil.Process]


@contextmanager
def komuna() -> Iterator[Whole]:
    """Start Komuna with a folder and ports of its own, and take it away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="komuna-bench-"))
    # The database's account must be able to enter.
    folder.chmod(0o711)
    variables = {
        "KOMUNA_HOME": str(folder / "home"),
        "KOMUNA_PORT_BASE": str(random.randrange(20_000, 32_000, 100)),  # noqa: S311 -- no secret.
        "KOMUNA_QUOTA_VERIFIED": "1000000000",
        "KOMUNA_QUOTA_ADDRESS": "1000000000",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from komuna_deploy.main import app; app()", "up", "--json"],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        said: dict[str, Any] = json.loads(process.stdout.readline())
        yield _pinned(said, process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=STOP_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _pinned(said: dict[str, Any], parent: int) -> Whole:
    port = int(said["url"].rpartition(":")[2])
    processes = psutil.Process(parent).children(recursive=True)
    for one in processes:
        one.cpu_affinity([int(OTHERS)])
    tested = next(one for one in processes if _listens(one, port))
    tested.cpu_affinity([int(TESTED)])
    others = [one for one in processes if one != tested]
    url = f"http://127.0.0.1:{port}"
    return Whole(Server(url, tested), dict(said["services"]), others)


def _listens(process: psutil.Process, port: int) -> bool:
    return any(
        one.status == psutil.CONN_LISTEN and one.laddr.port == port
        for one in process.net_connections("tcp")
    )
