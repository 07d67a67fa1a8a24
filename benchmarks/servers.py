"""The processes that are measured, each on the core it belongs to."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import create_connection, socket

import psutil

from benchmarks.load import OTHERS, TESTED, needs, wrk
from benchmarks.sampling import Variant
from komuna_shared.testing import Issuer

START_SECONDS = 30.0
BODY = '{"items":[' + ",".join(f'{{"slug":"municipality-{i:02}"}}' for i in range(62)) + "]}"


@dataclass(frozen=True, slots=True)
class Server:
    """One running server."""

    url: str
    process: psutil.Process


@contextmanager
def nginx(
    folder: Path, location: str, *, core: str, upstream: int | None = None
) -> Iterator[Server]:
    """Run nginx in one process; with `upstream`, `location` may say `http://upstream`."""
    port = free_port()
    kept = (
        f"upstream upstream {{ server 127.0.0.1:{upstream}; keepalive 256; }}" if upstream else ""
    )
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / f"nginx-{port}.conf"
    configuration.write_text(
        f"daemon off; master_process off; pid {folder}/nginx-{port}.pid; error_log stderr crit;\n"
        "events { worker_connections 4096; }\n"
        f"http {{ access_log off; keepalive_requests 100000000; {places} {kept}\n"
        f"  server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ {location} }} }} }}\n"
    )
    command = ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(configuration)]
    with running(command, core, {}) as process:
        yield answering(port, process)


def proxied(prefix: str = "") -> str:
    """Return the location of a proxy as its users run it, with connections kept."""
    kept = 'proxy_http_version 1.1; proxy_set_header Connection "";'
    return f"proxy_pass http://upstream{prefix}; {kept}"


def returned() -> str:
    """Return the location of an upstream that answers at once."""
    return f"default_type application/json; return 200 '{BODY}';"


@contextmanager
def gateway(folder: Path, issuer: Issuer, registry: int) -> Iterator[Server]:
    """Run the gateway with everything on, before an upstream that stands for the registry."""
    port = free_port()
    variables = {
        "KOMUNA_ISSUER": issuer.url,
        "KOMUNA_JWKS_URL": issuer.jwks_file(folder / "jwks.json"),
        "KOMUNA_REGISTRY_URL": f"http://127.0.0.1:{registry}",
        "KOMUNA_QUOTA_VERIFIED": "1000000000",
        "KOMUNA_QUOTA_ADDRESS": "1000000000",
        "KOMUNA_QUOTA_AT_ONCE": "1000",
    }
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", "komuna_gateway.main:create_app"),
        *("--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop", "--no-server-header"),
        *("--http", "komuna_gateway.protocol:Protocol", "--no-access-log", "--no-proxy-headers"),
    ]
    with running(command, TESTED, variables) as process:
        yield answering(port, process)


@dataclass(frozen=True, slots=True)
class Pair:
    """The gateway and nginx, both before the same upstream that costs next to nothing."""

    gateway: Server
    nginx: Server
    upstream: Server
    headers: Mapping[str, str]

    def variant(self, kind: str, connections: int, seconds: float) -> Variant:
        """Return one of the two, asked over so many connections."""
        server = self.gateway if kind == "gateway" else self.nginx
        url = f"{server.url}/registry/v1/municipalities?limit=50"
        ask = partial(wrk, url, connections=connections, seconds=seconds, headers=self.headers)
        return Variant(ask, server.process, [self.upstream.process])


@contextmanager
def side_by_side() -> Iterator[Pair]:
    """Run the gateway, with everything on, and nginx as a plain proxy."""
    needs("nginx", "wrk", "taskset")
    issuer = Issuer()
    with (
        tempfile.TemporaryDirectory() as name,
        fast_upstream(Path(name)) as upstream,
        gateway(Path(name), issuer, port_of(upstream)) as ours,
        nginx(Path(name), proxied(), core=TESTED, upstream=port_of(upstream)) as peer,
    ):
        token = issuer.token("persona:frontend", ["registry.read"])
        yield Pair(ours, peer, upstream, {"Authorization": f"Bearer {token}"})


@contextmanager
def fast_upstream(folder: Path) -> Iterator[Server]:
    """Run an upstream that costs next to nothing."""
    with nginx(folder, returned(), core=OTHERS) as server:
        yield server


def port_of(server: Server) -> int:
    """Return the port of a server."""
    return int(server.url.rpartition(":")[2])


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: list[str], core: str, variables: Mapping[str, str]
) -> Iterator[psutil.Process]:
    process = subprocess.Popen(
        ["taskset", "-c", core, *command],
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=15)


def answering(port: int, process: psutil.Process) -> Server:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
            continue
        return Server(f"http://127.0.0.1:{port}", process)
    raise RuntimeError(f"Nobody answers on {port}.")
