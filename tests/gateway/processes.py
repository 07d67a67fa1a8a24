"""A real gateway in a process of its own."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from komuna_shared.testing import ISSUER

START_SECONDS = 30.0


@dataclass
class Gateway:
    """A running gateway."""

    port: int
    process: Process
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def bytes_read(self) -> int:
        """Return how many bytes the process has read in all, from sockets too."""
        lines = Path(f"/proc/{self.process.pid}/io").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("rchar")).split()[1])


@asynccontextmanager
async def running_gateway(
    folder: Path, jwks_url: str, origins: Mapping[str, str], **settings: str
) -> AsyncIterator[Gateway]:
    """Start a gateway as `komuna up` does and stop it as it does."""
    port = free_port()
    variables = {
        "KOMUNA_ISSUER": ISSUER,
        "KOMUNA_JWKS_URL": jwks_url,
        "KOMUNA_PUBLIC_URL": "https://komuna.test",
        "KOMUNA_QUOTA_VERIFIED": "100000",
        "KOMUNA_QUOTA_ADDRESS": "100000",
        "KOMUNA_QUOTA_OPEN_BODY": "100000",
        **{f"KOMUNA_{name.upper()}_URL": origin for name, origin in origins.items()},
        **settings,
    }
    log = folder / f"gateway-{port}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "uvicorn", "--factory", "komuna_gateway.main:create_app"),
            *("--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop"),
            *("--http", "komuna_gateway.protocol:Protocol", "--no-access-log"),
            *("--no-proxy-headers", "--no-server-header", "--timeout-graceful-shutdown", "5"),
            env={**os.environ, **variables},
            stdout=output,
            stderr=output,
        )
    gateway = Gateway(port, process, log)
    try:
        await _wait_for(gateway)
        yield gateway
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _wait_for(gateway: Gateway) -> None:
    async with asyncio.timeout(START_SECONDS), httpx.AsyncClient(trust_env=False) as client:
        while True:
            assert gateway.process.returncode is None, gateway.log.read_text()
            try:
                answer = await client.get(f"{gateway.url}/livez")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            assert answer.status_code == 200, answer.text
            return
