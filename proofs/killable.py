"""A registry with a durable Postgres of its own, whose process can be killed and started again."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx

from komuna_deploy import ports
from komuna_deploy.postgres import bootstrap, cluster
from komuna_deploy.postgres.roles import Room
from komuna_shared.testing import Issuer

ADMINISTRATOR = "proof:administrator"
_START_DEADLINE = 60.0


@dataclass
class Registry:
    """One registry behind one port; `factory` may name a mutant."""

    factory: str
    folder: Path
    issuer: Issuer = field(default_factory=Issuer)
    room: Room = field(default_factory=lambda: Room("registry", "komuna"))
    port: int = field(default_factory=ports.any_free)
    starts: int = 0

    def __post_init__(self) -> None:
        """Start the server and make the schema and the first administrator."""
        self.postgres = cluster.start(self.folder / "postgres")
        passwords = bootstrap.new_passwords([self.room])
        asyncio.run(bootstrap.ensure(self.postgres.dsn(), [self.room], passwords))

        def url(role: str) -> str:
            plain = bootstrap.dsn(self.postgres.dsn(), self.room, role, passwords)
            return plain.replace("postgresql://", "postgresql+asyncpg://", 1)

        self.environment = os.environ | {
            "KOMUNA_DATABASE_URL": url(self.room.app),
            "KOMUNA_MIGRATE_URL": url(self.room.migrate),
            "KOMUNA_ISSUER": self.issuer.url,
            "KOMUNA_JWKS_URL": self.issuer.jwks_file(self.folder / "jwks.json"),
            "KOMUNA_CURSOR_KEY": "a key that only this proof knows and uses",
            "KOMUNA_LOG_LEVEL": "ERROR",
        }
        self._run("komuna_shared.migrations", "komuna_registry")
        grant = ["--issuer", self.issuer.url, "--subject", ADMINISTRATOR]
        self._run("komuna_registry.grant", *grant, "--role", "ops", "--name", "Administrator")
        self.start()

    def _run(self, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments]
        subprocess.run(command, env=self.environment, check=True, timeout=60, capture_output=True)

    @property
    def url(self) -> str:
        """The address of the service."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the web process."""
        serve = f"--factory {self.factory} --host 127.0.0.1 --port {self.port} --log-level error"
        more = "--loop uvloop --http httptools --no-access-log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", *serve.split(), *more.split()], env=self.environment
        )
        self.starts += 1

    def wait(self) -> None:
        """Wait until the service is ready."""
        deadline = time.monotonic() + _START_DEADLINE
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise RuntimeError("The registry did not become ready.")

    def kill(self) -> None:
        """Kill the web process without a word."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    async def rows(self, statement: str) -> list[asyncpg.Record]:
        """Return what the administrator of the database sees."""
        connection = await asyncpg.connect(self.postgres.dsn(self.room.database))
        try:
            await connection.execute(f"set search_path = {self.room.name}")
            return list(await connection.fetch(statement))
        finally:
            await connection.close()

    def close(self) -> None:
        """Stop everything and remove the data."""
        self.kill()
        self.postgres.stop()
        cluster.remove(self.folder / "postgres")
        shutil.rmtree(self.folder, ignore_errors=True)


def new_folder() -> Path:
    """Return a folder that the account of the server may enter."""
    folder = Path(tempfile.mkdtemp(prefix="komuna-proof-"))
    folder.chmod(0o711)
    return folder
