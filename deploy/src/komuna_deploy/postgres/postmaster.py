"""What `postmaster.pid` says, and whether to believe it."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from komuna_deploy.errors import Exit, OperatorError

_PID, _PORT, _SOCKET, _STATUS = 0, 3, 4, 7


@dataclass(frozen=True)
class Postmaster:
    """The lines of `postmaster.pid` that matter to a supervisor."""

    pid: int
    port: int | None
    socket_folder: str
    ready: bool


def read(data: Path) -> Postmaster | None:
    """Return what the lock file of a data folder says, or None when there is none."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = abs(int(lines[_PID]))
    except (OSError, ValueError, IndexError):
        return None
    lines += [""] * (_STATUS + 1 - len(lines))
    port = int(lines[_PORT]) if lines[_PORT].strip().isdigit() else None
    return Postmaster(pid, port, lines[_SOCKET].strip(), lines[_STATUS].strip() == "ready")


def bury(data: Path, *, patience: float = 10) -> None:
    """Make way for a new server; the caller holds the folder's lock, so no start is running.

    An orphan that still serves is stopped. A dead one whose number survives, as a zombie nobody
    reaps or in another process, is replaced in the lock file by our own: PostgreSQL takes its
    parent's number as stale, yet still looks for backends that share the old memory segment,
    which deleting the file would skip.
    """
    found = read(data)
    if found is None:
        return
    if serves(found.pid, data):
        _stop_orphan(found.pid, data, patience)
        found = read(data)
    if found is not None and Path(f"/proc/{found.pid}").exists():
        _claim(data / "postmaster.pid")


def serves(pid: int, data: Path) -> bool:
    """Say whether `pid` is a running postmaster of this data folder.

    A number alone proves nothing: zombies answer signal 0, and numbers are used again.
    """
    state = _state(pid)
    if state in ("", "Z", "X"):
        return False
    try:
        # A postmaster works inside its data folder.
        return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
    except OSError:
        return False


def _state(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    # The program's name stands in brackets and may hold brackets itself.
    return stat.rpartition(")")[2].split()[0]


def _stop_orphan(pid: int, data: Path, patience: float) -> None:
    os.kill(pid, signal.SIGINT)
    until = time.monotonic() + patience
    while serves(pid, data):
        if time.monotonic() > until:
            raise OperatorError(
                f"A PostgreSQL server (process {pid}) still uses {data} and does not stop.",
                f"Stop it with `kill -QUIT {pid}` and start again; no committed data is lost.",
                code=Exit.TRY_AGAIN,
            )
        time.sleep(0.02)


def _claim(lock_file: Path) -> None:
    lines = lock_file.read_text().splitlines(keepends=True)
    lines[_PID] = f"{os.getpid()}\n"
    # Written in place: the file keeps its owner.
    lock_file.write_text("".join(lines))
