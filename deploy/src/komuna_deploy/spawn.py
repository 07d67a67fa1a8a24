"""Start a child process that cannot outlive its parent."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Looked up before any fork: after it, only plain calls are safe.
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """The system account a child runs under."""

    name: str
    uid: int
    gid: int


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str],
    account: Account | None = None,
    on_parent_death: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output appended to `log`."""
    with open(log, "ab", opener=for_us_alone) as sink:
        return subprocess.Popen(  # noqa: S603 -- the command is ours.
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd="/",
            umask=0o077,
            # Ctrl-C reaches a whole foreground group; the supervisor alone decides who stops when.
            start_new_session=True,
            preexec_fn=bound_to_parent(account, on_parent_death),  # noqa: PLW1509 -- see `_bind`.
        )


def for_us_alone(path: str, flags: int) -> int:
    """Open a file that nobody else may read; for `open(..., opener=)`."""
    return os.open(path, flags, 0o600)


def bound_to_parent(account: Account | None, on_parent_death: signal.Signals) -> "partial[None]":
    """Return what a child runs before its program; only the main thread may ask.

    The death signal follows the thread that forked: a child of a worker thread would be stopped as
    soon as that thread ends.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("Child processes are started from the main thread only.")
    return partial(_bind, os.getpid(), account, on_parent_death)


def _bind(parent: int, account: Account | None, on_parent_death: signal.Signals) -> None:
    # Order matters: changing the user clears the death signal, so it is set last; and a parent
    # that died before it was set will never send it.
    if account is not None:
        os.setgroups([])
        os.setgid(account.gid)
        os.setuid(account.uid)
    if _PRCTL is not None:
        _PRCTL(_PR_SET_PDEATHSIG, int(on_parent_death), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
