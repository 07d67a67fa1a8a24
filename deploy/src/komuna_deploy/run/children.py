"""The processes of one run: started, watched, stopped together."""

import asyncio
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from komuna_deploy import ports
from komuna_deploy.errors import OperatorError

from .births import Births, Process
from .programs import Program

_LARGEST_LOG = 20_000_000
_FORGIVEN_DEATHS = 3
_WITHIN = 60.0


@dataclass
class Child:
    """A program that should be running."""

    program: Program
    process: Process
    deaths: list[float] = field(default_factory=list)


class StoppedError(OperatorError):
    """A process ended that should not have."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(
            f"{name} stopped: {last_line(log)}",
            f"The whole story is in {log}. Put it right and start again; nothing is lost.",
        )


@dataclass
class Children:
    """All processes of this run but the databases."""

    logs: Path
    births: Births = field(default_factory=Births)
    running: dict[str, Child] = field(default_factory=dict)

    def start(self, program: Program) -> Child:
        """Start a program that is to run until the end."""
        child = Child(program, self._spawn(program))
        self.running[program.name] = child
        return child

    async def run(self, program: Program) -> None:
        """Run a program to its end, or raise with its last words."""
        child = self.start(program)
        await asyncio.to_thread(child.process.wait)
        del self.running[program.name]
        if child.process.returncode != 0:
            raise StoppedError(program.name, self.log(program.name))

    async def wait_until_ready(self, *children: Child, patience: float = 60) -> None:
        """Wait until every one of these programs answers that it may be used."""
        until = time.monotonic() + patience
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            waits = (self._wait_for(child, client, until) for child in children)
            await asyncio.gather(*waits)

    async def _wait_for(self, child: Child, client: httpx.AsyncClient, until: float) -> None:
        while time.monotonic() < until:
            if child.process.poll() is not None:
                break
            try:
                if (await client.get(child.program.ready_url)).status_code == 200:  # noqa: PLR2004
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
        port = urlsplit(child.program.ready_url).port
        if port is not None and child.process.poll() is not None:
            # Somebody may have taken the port since we looked.
            ports.check_free(port, child.program.name)
        raise StoppedError(child.program.name, self.log(child.program.name))

    def revive(self) -> list[str]:
        """Start again what has died, and return the names; raise when one keeps dying."""
        dead = [child for child in self.running.values() if child.process.poll() is not None]
        for child in dead:
            now = time.monotonic()
            child.deaths = [death for death in child.deaths if now - death < _WITHIN] + [now]
            if len(child.deaths) > _FORGIVEN_DEATHS:
                raise StoppedError(child.program.name, self.log(child.program.name))
            child.process = self._spawn(child.program)
        return [child.program.name for child in dead]

    def stop(self, patience: float = 2.0) -> None:
        """Ask all to stop, wait a little, then insist."""
        self.births.close()
        processes = [child.process for child in self.running.values()]
        for last_word, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 0.5)):
            for process in processes:
                if process.poll() is None:
                    process.send_signal(last_word)
            until = time.monotonic() + wait
            while any(one.poll() is None for one in processes) and time.monotonic() < until:
                time.sleep(0.01)
        self.running.clear()

    def log(self, name: str) -> Path:
        """Return the file with everything a process said."""
        return self.logs / f"{name}.log"

    def _spawn(self, program: Program) -> Process:
        log = self.log(program.name)
        if log.exists() and log.stat().st_size > _LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        return self.births.bear(program, log)


def last_line(log: Path) -> str:
    """Return the last thing a process said."""
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return "it said nothing"
    return lines[-1][:300] if lines else "it said nothing"
