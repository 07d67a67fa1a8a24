"""One holder at a time for a folder, released by the kernel however the holder ends."""

import fcntl
import os
from pathlib import Path
from typing import Self

from .errors import Exit, OperatorError


class FolderLock:
    """An exclusive lock on a file beside the folder it guards."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = -1

    def take(self, *, what: str) -> Self:
        """Hold the lock, or raise with the number of the process that holds it."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(handle, 32).decode(errors="replace").strip()
            os.close(handle)
            raise OperatorError(
                f"{what} is in use by process {holder or 'unknown'}.",
                "Use the Komuna that runs already, stop it (Ctrl-C in its terminal, or "
                f"`kill {holder or 'PID'}`), or set KOMUNA_HOME to another folder and "
                "KOMUNA_PORT_BASE to other ports.",
                code=Exit.TRY_AGAIN,
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._handle = handle
        return self

    def release(self) -> None:
        """Let the next holder in."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
