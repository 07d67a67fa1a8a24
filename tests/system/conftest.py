"""The whole of Komuna, started as a newcomer starts it, and asked through the gateway."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from komuna_deploy.home import Home
from komuna_deploy.issuer import clients
from komuna_deploy.issuer.app import PERSONA_GRANT
from komuna_deploy.postgres import cluster
from tests.deploy.programs import free_port_base
from tests.system.mail import MailServer, mail_server

_QUOTAS = ("VERIFIED", "ADDRESS", "OPEN_BODY")


@dataclass
class Stack:
    """A running Komuna with a data folder and ports of its own."""

    process: subprocess.Popen[str]
    home: Path
    port_base: int
    description: dict[str, Any]

    @property
    def url(self) -> str:
        """The gateway."""
        return str(self.description["url"])

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs to know to speak to this Komuna."""
        return environment(self.home, self.port_base)

    def service_url(self, name: str) -> str:
        """A service behind the gateway, which outsiders never reach."""
        return str(self.description["services"][name])

    def token(
        self, role: str, *, municipality: str | None = None, institution: str | None = None
    ) -> str:
        """Return a fresh token of a persona."""
        asked = {"role": role, "municipality": municipality, "institution": institution}
        form = {name: value for name, value in asked.items() if value} | {
            "grant_type": PERSONA_GRANT,
            "client_id": clients.COMMAND,
            "client_secret": Home(self.home).secret(clients.secret_name(clients.COMMAND)),
        }
        url = f"{self.description['issuer']}/token"
        answer = httpx.post(url, data=form, trust_env=False)
        answer.raise_for_status()
        return str(answer.json()["access_token"])


def environment(home: Path, port_base: int) -> dict[str, str]:
    """Return what `komuna` needs to know to run beside another, with tests asking much."""
    quotas = {f"KOMUNA_QUOTA_{name}": "1000000" for name in _QUOTAS}
    own = {"KOMUNA_HOME": str(home), "KOMUNA_PORT_BASE": str(port_base)}
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return kept | quotas | own


def start(home: Path, port_base: int, *options: str, **variables: str) -> subprocess.Popen[str]:
    """Start `komuna up`; what it complains of goes to a file in its folder."""
    home.mkdir(exist_ok=True)
    with (home / "complaints.txt").open("a") as complaints:
        return subprocess.Popen(
            [sys.executable, "-c", "from komuna_deploy.main import app; app()", "up", *options],
            env=environment(home, port_base) | variables,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            start_new_session=True,
        )


def started(home: Path, port_base: int, **variables: str) -> Stack:
    """Start Komuna and wait until it says it is ready."""
    process = start(home, port_base, "--json", **variables)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait()
        process.stdout.close()
        pytest.fail(f"komuna up: {(home / 'complaints.txt').read_text()}")
    return Stack(process, home, port_base, json.loads(line))


def stopped(stack: Stack, last_word: signal.Signals = signal.SIGINT) -> None:
    """Stop Komuna as Ctrl-C does, and wait for its end."""
    stack.process.send_signal(last_word)
    stack.process.communicate(timeout=30)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that the database's account may enter."""
    made = Path(tempfile.mkdtemp(prefix="komuna-system-"))
    made.chmod(0o711)
    yield made
    for name in ("main", "keystore"):
        for home in made.iterdir():
            cluster.remove(home / "postgres" / name)
    shutil.rmtree(made)


@pytest.fixture(scope="session")
def stack(folder: Path) -> Iterator[Stack]:
    """Komuna with its data, shared by all system tests."""
    running = started(folder / "shared", free_port_base())
    yield running
    stopped(running)


@pytest.fixture(scope="module")
def letters() -> Iterator[MailServer]:
    """A real mail server."""
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def mailed(folder: Path, letters: MailServer) -> Iterator[Stack]:
    """A Komuna of its own that sends mail, where nothing was reported yet."""
    mail = {"KOMUNA_SMTP_URL": letters.url, "KOMUNA_REMINDERS_CRON": "* * * * * */3"}
    running = started(folder / "mailed", free_port_base(), **mail)
    yield running
    stopped(running)


@pytest.fixture(scope="module")
async def mailed_client(mailed: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """Asks the gateway of the Komuna that sends mail."""
    async with opened(mailed) as client:
        yield client


def opened(stack: Stack) -> httpx.AsyncClient:
    """Return what asks a gateway, in English unless a test says otherwise."""
    headers = {"Accept-Language": "en"}
    return httpx.AsyncClient(base_url=stack.url, headers=headers, trust_env=False, timeout=30)


@pytest.fixture(scope="session")
async def client(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """Asks the gateway, in English unless a test says otherwise."""
    async with opened(stack) as client:
        yield client
