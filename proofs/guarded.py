"""A referrals on two Postgres servers of its own, asked as the gateway would ask it."""

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx

from komuna_deploy import ports
from komuna_deploy.postgres import binaries, bootstrap, cluster, tickets
from komuna_deploy.postgres.roles import Room
from komuna_gateway.tickets import Tickets
from komuna_shared.testing import Issuer

_START_DEADLINE = 60.0
_DATA = Room("referrals", "komuna")
_KEYS = Room("keystore_referrals", "keystore_referrals")
_WORDS = ("cases", "people", "consents", "referrals", "disclosures")
SCOPES = tuple(f"referrals.{word}.{may}" for word in _WORDS for may in ("read", "write"))


@dataclass
class Referrals:
    """One web process of referrals; `factory` may name a mutant."""

    factory: str
    folder: Path
    issuer: Issuer = field(default_factory=Issuer)
    port: int = field(default_factory=ports.any_free)
    root_key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    blind_key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    # Whatever it could say, it may say.
    log_level: str = "DEBUG"
    durable: bool = False
    neighbours: list["Neighbour"] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start both servers, make both schemas, let the gateway's key in, start the process."""
        self.data = cluster.start(self.folder / "data", durable=self.durable)
        keys = self.folder / "keystore"
        self.keystore = cluster.start(keys, durable=self.durable, small=True)
        self._passwords = bootstrap.new_passwords([_DATA, _KEYS])
        self._ticket_key = secrets.token_urlsafe(32)
        asyncio.run(self._furnish())
        self._run("komuna_referrals", self._url(_DATA, _DATA.migrate))
        self._run("komuna_referrals.keystore", self._url(_KEYS, _KEYS.migrate))
        self.log = self.folder / "referrals.log"
        self.process = _serve(self.factory, self.port, self._environment(), self.log)

    @property
    def url(self) -> str:
        """The address of the service."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        """Wait until the service is ready."""
        _wait(self.url, self.log)

    def beside(self, factory: str, database: str) -> "Neighbour":
        """Run another application as administrator of a database with the same tables."""
        room = Room(_DATA.name, database)
        asyncio.run(bootstrap.ensure(self.data.dsn(), [room], self._passwords))
        self._run("komuna_referrals", self._url(room, room.migrate))
        address = self.data.dsn(database).replace("postgresql://", "postgresql+asyncpg://", 1)
        port, log = ports.any_free(), self.folder / f"{database}.log"
        environment = self._environment() | {"KOMUNA_DATABASE_URL": address}
        neighbour = Neighbour(port, _serve(factory, port, environment, log))
        self.neighbours.append(neighbour)
        _wait(neighbour.url, log)
        return neighbour

    async def hire(self, subject: str, role: str, institution: str) -> None:
        """Give somebody a role, as the follower of registry's feed would."""
        connection = await asyncpg.connect(self._plain(_DATA, _DATA.worker))
        try:
            await connection.execute(
                "insert into assignment_copy (id, issuer, subject, role, institution, valid_from, "
                "version) values ($1, $2, $3, $4, $5, current_date - 1, 1)",
                str(uuid4()),
                self.issuer.url,
                subject,
                role,
                institution,
            )
            await connection.execute(
                "insert into follower_cursor (feed, cursor, read_to_end_at) "
                "values ('registry', 'start', now()) on conflict do nothing"
            )
        finally:
            await connection.close()

    def headers(self, subject: str, institution: str) -> dict[str, str]:
        """Return what reaches the service of somebody's request, with a key used once."""
        ticket = Tickets(self._ticket_key).mint(
            self.issuer.url, subject, purpose="assistance", institution=institution
        )
        return {
            "authorization": f"Bearer {self.issuer.token(subject, SCOPES)}",
            "acting-institution": institution,
            "processing-purpose": "assistance",
            "idempotency-key": str(uuid4()),
            "komuna-ticket": ticket,
        }

    def dump(self) -> dict[str, bytes]:
        """Write what `pg_dumpall` gives of each server beside the logs, and return it."""
        dumps = {"data": _dump(self.data), "keystore": _dump(self.keystore)}
        for name, dump in dumps.items():
            (self.folder / f"{name}.sql").write_bytes(dump)
        return dumps

    def stop(self) -> None:
        """Stop the processes and both servers."""
        for process in (self.process, *(one.process for one in self.neighbours)):
            process.terminate()
            process.wait()
        self.data.stop()
        self.keystore.stop()

    def close(self) -> None:
        """Stop everything and remove the data."""
        self.stop()
        for name in ("data", "keystore"):
            cluster.remove(self.folder / name)
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _furnish(self) -> None:
        await bootstrap.ensure(self.data.dsn(), [_DATA], self._passwords)
        await bootstrap.ensure(self.keystore.dsn(), [_KEYS], self._passwords)
        await tickets.install(self._plain(_DATA, _DATA.migrate), _DATA, self._ticket_key)

    def _plain(self, room: Room, role: str) -> str:
        server = self.keystore if room is _KEYS else self.data
        return bootstrap.dsn(server.dsn(), room, role, self._passwords)

    def _url(self, room: Room, role: str) -> str:
        return self._plain(room, role).replace("postgresql://", "postgresql+asyncpg://", 1)

    def _run(self, package: str, url: str) -> None:
        command = [sys.executable, "-m", "komuna_shared.migrations", package]
        environment = os.environ | {"KOMUNA_MIGRATE_URL": url}
        subprocess.run(command, env=environment, check=True, timeout=120, capture_output=True)

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "KOMUNA_DATABASE_URL": self._url(_DATA, _DATA.app),
            "KOMUNA_KEYSTORE_URL": self._url(_KEYS, _KEYS.app),
            "KOMUNA_KEYSTORE_ROOT_KEY": self.root_key,
            "KOMUNA_BLIND_INDEX_KEY": self.blind_key,
            "KOMUNA_ISSUER": self.issuer.url,
            "KOMUNA_JWKS_URL": self.issuer.jwks_file(self.folder / "jwks.json"),
            "KOMUNA_CURSOR_KEY": secrets.token_urlsafe(32),
            "KOMUNA_LOG_LEVEL": self.log_level,
        }


@dataclass(frozen=True)
class Neighbour:
    """Another application on the same server."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


def _serve(
    factory: str, port: int, environment: dict[str, str], log: Path
) -> subprocess.Popen[bytes]:
    level = environment["KOMUNA_LOG_LEVEL"].lower()
    serve = f"--factory {factory} --host 127.0.0.1 --port {port} --loop uvloop"
    more = f"--http komuna_shared.server:Protocol --log-level {level} --no-proxy-headers"
    if level != "debug":
        more += " --no-access-log"
    command = [sys.executable, "-m", "uvicorn", *serve.split(), *more.split()]
    with log.open("wb") as file:
        return subprocess.Popen(command, env=environment, stdout=file, stderr=file)


def _wait(url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_DEADLINE
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"The service did not become ready: {log.read_text()[-2000:]}")


def _dump(server: cluster.Server) -> bytes:
    url = urlsplit(server.dsn())
    command = [str(binaries.find().folder / "pg_dumpall"), "--no-password"]
    # In its environment, since it hands no password of an address on to `pg_dump`.
    place = {"PGHOST": url.hostname or "", "PGPORT": str(url.port), "PGUSER": url.username or ""}
    environment = os.environ | place | {"PGPASSWORD": url.password or ""}
    done = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=120)
    return done.stdout
