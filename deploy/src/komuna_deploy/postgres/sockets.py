"""Where a server's Unix socket stands."""

import os
import shutil
import tempfile
from pathlib import Path

from . import postmaster
from .places import Place

# The kernel's limit for the name of a socket is 108 bytes with its final zero.
_LONGEST_NAME = 107
_SHORT = "komuna-socket-"


def choose_folder(place: Place, port: int) -> Path:
    """Return the data folder, or a short 0700 folder when the socket's name would be too long."""
    if len(os.fsencode(place.data / f".s.PGSQL.{port}")) <= _LONGEST_NAME:
        return place.data
    folder = Path(tempfile.mkdtemp(prefix=_SHORT))
    if place.account is not None:
        os.chown(folder, place.account.uid, place.account.gid)
    return folder


def forget_left_behind(data: Path) -> None:
    """Remove the short folder of a server that was killed."""
    left = postmaster.read(data)
    if left is not None and left.socket_folder and not postmaster.serves(left.pid, data):
        forget(Path(left.socket_folder))


def forget(folder: Path) -> None:
    """Remove a short folder; a data folder stays."""
    if folder.name.startswith(_SHORT):
        shutil.rmtree(folder, ignore_errors=True)
