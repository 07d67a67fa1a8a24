"""What compose gives each container, brought to two servers and free ports of this machine."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import httpx

from komuna_deploy import secret_files
from komuna_deploy.postgres import cluster
from komuna_shared.testing import Issuer
from tests.deploy.test_compose import SERVICES, WEB

ONCE = (
    "postgres-roles",
    "keystore-roles",
    "registry-migrate",
    "indicators-migrate",
    "referrals-migrate",
    "keystore-migrate",
)
MEMBERS = (*WEB, "deploy")
# What an operator writes into .env, and an issuer that signs with a key of the tests.
ENV = {
    "KOMUNA_ISSUER": "https://login.example.org",
    "KOMUNA_JWKS_URL": "file:///run/secrets/jwks",
    "KOMUNA_TOKEN_URL": "https://login.example.org/token",
    "KOMUNA_PUBLIC_URL": "https://komuna.example.org",
}
ISSUER = Issuer(ENV["KOMUNA_ISSUER"])
_VARIABLE = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")


def member_of(service: str) -> str:
    """Return whose image a service of compose runs."""
    image: str = SERVICES[service]["image"]
    return image.rpartition("/")[2].partition(":")[0]


def free_ports() -> dict[str, int]:
    """Return a free port for each process that listens."""
    with ExitStack() as stack:
        sockets = {name: stack.enter_context(closing(socket())) for name in WEB}
        for one in sockets.values():
            one.bind(("127.0.0.1", 0))
        return {name: int(one.getsockname()[1]) for name, one in sockets.items()}


def environment(service: str, ports: Mapping[str, int]) -> dict[str, str]:
    """Return the environment of a service, its neighbours at the ports they have here."""
    named: Mapping[str, str] = SERVICES[service].get("environment", {})
    found = {name: _VARIABLE.sub(_fill, value) for name, value in named.items()}
    for neighbour, port in ports.items():
        here = f"http://127.0.0.1:{port}"
        found = {name: it.replace(f"http://{neighbour}:8080", here) for name, it in found.items()}
    if service in ports:
        found |= {"KOMUNA_LISTEN_HOST": "127.0.0.1", "KOMUNA_LISTEN_PORT": str(ports[service])}
    return found


def _fill(variable: re.Match[str]) -> str:
    return ENV.get(variable[1], variable[2] or "")


def granted(service: str, folder: Path) -> list[Path]:
    """Return the secrets that compose shows a service, and the issuer's public keys."""
    names: list[str] = SERVICES[service].get("secrets", [])
    return [folder / name for name in (*names, "jwks")]


@contextmanager
def secrets(folder: Path) -> Iterator[Path]:
    """Give the files that `komuna secrets` makes, for two servers that really run."""
    own = folder / "secrets"
    secret_files.make_secret_files(own)
    (own / "jwks").write_bytes(ISSUER.jwks())
    (own / "jwks").chmod(0o400)
    servers = {name: cluster.start(folder / name, durable=False) for name in secret_files.SERVERS}
    try:
        for name, server in servers.items():
            _rewrite(own / f"{name}_admin_url", server.dsn())
            for path in own.glob("*_url"):
                here = f"@127.0.0.1:{server.port}/"
                _rewrite(path, path.read_text("ascii").replace(f"@{name}:5432/", here))
        assert secret_files.hand_over(own)
        yield own
    finally:
        for name, server in servers.items():
            server.stop()
            cluster.remove(folder / name)


def _rewrite(path: Path, text: str) -> None:
    path.chmod(0o600)
    path.write_text(text, encoding="ascii")
    path.chmod(0o400)


def ask(port: int, path: str, *, seconds: float = 60, **options: Any) -> httpx.Response:
    """Return what a process answers, once it listens."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False, **options)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
