"""Bring the members' processes to life, by the nursery where there is one."""

import asyncio
import ctypes
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from komuna_deploy.spawn import bound_to_parent, for_us_alone, spawn

from .programs import PYTHON, Program, inherited

_PR_SET_CHILD_SUBREAPER = 36
# Killed with us, not asked: a lingering one would hold its port against the next start.
_ON_PARENT_DEATH = signal.SIGKILL


class Process(Protocol):
    """What a supervisor needs of a child."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Return how the process ended, or None while it runs."""

    def wait(self) -> int:
        """Wait for the end and return how it came."""

    def send_signal(self, sig: int) -> None:
        """Send a signal, if the process still runs."""


@dataclass
class Adopted:
    """A child that the nursery bore and the kernel gave to us."""

    pid: int
    returncode: int | None = None

    def poll(self) -> int | None:
        """Return how the process ended, or None while it runs."""
        return self._collect(os.WNOHANG)

    def wait(self) -> int:
        """Wait for the end and return how it came."""
        ended = self._collect(0)
        return 0 if ended is None else ended

    def send_signal(self, sig: int) -> None:
        """Send a signal, if the process still runs."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def _collect(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


@dataclass
class Births:
    """Starts programs; without a nursery each imports everything itself."""

    nursery: subprocess.Popen[str] | None = None

    async def wait_until_ready(self) -> None:
        """Wait until the nursery has imported everything."""
        if self.nursery is not None and self.nursery.stdout is not None:
            await asyncio.to_thread(self.nursery.stdout.readline)

    def bear(self, program: Program, log: Path) -> Process:
        """Start a program, its output appended to `log`."""
        if self.nursery is None:
            return spawn(
                (*PYTHON, *program.command),
                log=log,
                environment=program.environment,
                on_parent_death=_ON_PARENT_DEATH,
            )
        order = {
            "name": program.name,
            "command": program.command,
            "environment": dict(program.environment),
            "log": str(log),
            "on_parent_death": int(_ON_PARENT_DEATH),
            "supervisor": os.getpid(),
        }
        return Adopted(_tell(self.nursery, order))

    def close(self) -> None:
        """End the nursery; what it bore lives on, and what is born later imports afresh."""
        nursery, self.nursery = self.nursery, None
        if nursery is not None:
            nursery.kill()
            nursery.communicate()


def open_births(log: Path) -> Births:
    """Start a nursery, where the kernel lets us adopt what it bears."""
    if sys.platform != "linux" or ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        return Births()
    with open(log, "ab", opener=for_us_alone) as complaints:
        nursery = subprocess.Popen(  # noqa: S603 -- the command is ours.
            (*PYTHON, "komuna_deploy.run.nursery"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=inherited(os.environ),
            text=True,
            start_new_session=True,
            preexec_fn=bound_to_parent(None, _ON_PARENT_DEATH),  # noqa: PLW1509 -- see spawn.
        )
    return Births(nursery)


def _tell(nursery: subprocess.Popen[str], order: dict[str, Any]) -> int:
    if nursery.stdin is None or nursery.stdout is None:
        raise RuntimeError("The nursery was opened without pipes.")
    nursery.stdin.write(json.dumps(order) + "\n")
    nursery.stdin.flush()
    return int(nursery.stdout.readline())
