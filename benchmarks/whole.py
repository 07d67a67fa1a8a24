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

import psutil

from benchmarks.load import OTHERS, TESTED
from benchmarks.servers import Server
from komuna_deploy.home import Home

STOP_SECONDS = 30
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Whole:
    """A running Komuna: the tested process on the first core, everything else on the second."""

    tested: Server
    services: dict[str, str]
    home: Home
    parent: psutil.Process

    @property
    def others(self) -> list[psutil.Process]:
        """All processes but the tested one, as they are now: servers of databases come and go."""
        return [one for one in self.parent.children(recursive=True) if one != self.tested.process]


@contextmanager
def komuna(tested: str = "gateway") -> Iterator[Whole]:
    """Start Komuna with a folder and ports of its own, and take it away afterwards."""
    with folder() as home:
        command = [sys.executable, "-c", "from komuna_deploy.main import app; app()", "up"]
        process = start([*command, "--json"], home, free_base())
        try:
            assert process.stdout is not None
            yield _pinned(process.stdout.readline(), process.pid, tested)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=STOP_SECONDS)


@contextmanager
def folder() -> Iterator[Path]:
    """Give a data folder to be, and remove it afterwards."""
    place = Path(tempfile.mkdtemp(prefix="komuna-bench-"))
    # The database's account must be able to enter.
    place.chmod(0o711)
    try:
        yield place / "home"
    finally:
        shutil.rmtree(place, ignore_errors=True)


def free_base() -> int:
    """Return a number from which ports are counted that are probably free."""
    return random.randrange(20_000, 32_000, 100)  # noqa: S311 -- no secret.


def start(command: list[str], home: Path, base: int) -> subprocess.Popen[str]:
    """Start a command that runs Komuna from this folder, with quotas that nobody reaches."""
    variables = {
        "KOMUNA_HOME": str(home),
        "KOMUNA_PORT_BASE": str(base),
        "KOMUNA_QUOTA_VERIFIED": "1000000000",
        "KOMUNA_QUOTA_ADDRESS": "1000000000",
        "KOMUNA_QUOTA_AT_ONCE": "1000",
    }
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _pinned(line: str, parent: int, tested: str) -> Whole:
    said = json.loads(line)
    services = dict(said["services"])
    process = psutil.Process(said["processes"][tested])
    for one in psutil.Process(parent).children(recursive=True):
        one.cpu_affinity([int(TESTED if one == process else OTHERS)])
    port = (said["url"] if tested == "gateway" else services[tested]).rpartition(":")[2]
    server = Server(f"http://127.0.0.1:{port}", process)
    return Whole(server, services, Home(Path(said["home"])), psutil.Process(parent))
