"""What a `komuna up` leaves written for the other words of the command."""

import os
from dataclasses import replace
from pathlib import Path

from .errors import Exit, OperatorError
from .home import Home
from .postgres import cluster
from .settings import KEYSTORE, MAIN, SERVICES, Ports, Settings

RUNNING = "running"


class NotRunningError(OperatorError):
    """Nothing runs from this data folder."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"No Komuna runs from {home}.",
            "Start it with `make run` (or `./komuna up`), or name its folder in KOMUNA_HOME.",
            code=Exit.TRY_AGAIN,
        )


def write_running(home: Home, settings: Settings) -> None:
    """Say that this process runs Komuna from this folder."""
    home.write_note(RUNNING, {"pid": os.getpid(), "port_base": settings.ports.base})


def is_running(settings: Settings) -> bool:
    """Say whether a Komuna runs from this folder."""
    note = Home(settings.home).read_note(RUNNING)
    return bool(note) and Path(f"/proc/{note['pid']}").exists()


def running_settings(settings: Settings) -> Settings:
    """Return the settings of the Komuna that runs from this folder, or raise."""
    if not is_running(settings):
        raise NotRunningError(settings.home)
    note = Home(settings.home).read_note(RUNNING)
    return replace(settings, ports=Ports(int(note["port_base"])))


def running_addresses(settings: Settings) -> dict[str, str]:
    """Return the administrator's address of each service and of the keystore."""
    databases = Home(settings.home).databases
    addresses = dict(settings.databases)
    if not set(SERVICES) <= addresses.keys():
        main = cluster.address(databases / MAIN, settings.ports.postgres)
        addresses = dict.fromkeys(SERVICES, main) | addresses
    if KEYSTORE not in addresses:
        addresses[KEYSTORE] = cluster.address(databases / KEYSTORE, settings.ports.keystore)
    return addresses
