"""What may keep Komuna from running on this machine, asked before or while it runs."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import httpx

from komuna_deploy import ports
from komuna_deploy.errors import OperatorError
from komuna_deploy.postgres import binaries
from komuna_deploy.running import is_running, running_settings
from komuna_deploy.settings import SERVICES, Settings

_ROOM_WANTED = 1_000_000_000


class Verdict(StrEnum):
    """How one finding stands."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    name: str
    verdict: Verdict
    detail: str
    advice: str = ""


def diagnose(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one finding at a time."""
    yield _machine()
    yield _postgres()
    yield _folder(settings.home)
    if is_running(settings):
        yield from _processes(running_settings(settings))
    else:
        yield from _ports(settings)


def _machine() -> Finding:
    python = platform.python_version()
    detail = f"Python {python}, {platform.system()} {platform.machine()}"
    if sys.version_info >= (3, 15) or platform.system() != "Linux":
        return Finding(
            "machine", Verdict.WARNING, detail, "Tried on Linux with Python 3.11 to 3.14."
        )
    return Finding("machine", Verdict.OK, detail)


def _postgres() -> Finding:
    try:
        found = binaries.find()
    except OperatorError as error:
        return Finding("PostgreSQL", Verdict.FAILURE, error.message, error.advice)
    return Finding("PostgreSQL", Verdict.OK, f"{found.version} in {found.folder}")


def _folder(home: Path) -> Finding:
    existing = next(one for one in (home, *home.parents) if one.exists())
    if not os.access(existing, os.W_OK):
        return Finding(
            "data folder",
            Verdict.FAILURE,
            f"{existing} may not be written",
            "Set KOMUNA_HOME to a folder of yours.",
        )
    free = shutil.disk_usage(existing).free
    verdict = Verdict.OK if free > _ROOM_WANTED else Verdict.WARNING
    advice = "" if verdict is Verdict.OK else "Make room: Komuna likes 1 GB."
    return Finding("data folder", verdict, f"{home}, {free // 1_000_000:,} MB free", advice)


def _ports(settings: Settings) -> Iterator[Finding]:
    at = settings.ports
    wanted = [at.gateway, at.issuer, *(at.service(name) for name in SERVICES), at.postgres]
    for port in (*wanted, at.keystore):
        if not ports.is_free(port):
            error = ports.PortBusyError(port, "Komuna")
            yield Finding(f"port {port}", Verdict.FAILURE, error.message, error.advice)
    yield Finding(
        "running", Verdict.WARNING, "Komuna does not run from this folder", "Start: make run"
    )


def _processes(settings: Settings) -> Iterator[Finding]:
    addresses: dict[str, str] = {
        "gateway": f"http://127.0.0.1:{settings.ports.gateway}",
        **{name: settings.service_url(name) for name in SERVICES},
        "issuer": settings.issuer_url,
    }
    for name, address in addresses.items():
        yield _answers(name, address, f"Its log is {settings.home / 'log' / name}.log.")


def _answers(name: str, address: str, advice: str) -> Finding:
    try:
        status = httpx.get(f"{address}/readyz", trust_env=False, timeout=3).status_code
    except httpx.TransportError:
        return Finding(name, Verdict.FAILURE, f"{address} does not answer", advice)
    if status != 200:  # noqa: PLR2004 -- HTTP's own number.
        return Finding(name, Verdict.FAILURE, f"{address} is not ready ({status})", advice)
    return Finding(name, Verdict.OK, f"{address} is ready")
