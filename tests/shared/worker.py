"""A worker of the notes, as a process of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from httpx import AsyncClient

from komuna_shared.settings import ServiceSettings

Process = asyncio.subprocess.Process


@asynccontextmanager
async def working(
    settings: ServiceSettings, log: Path, **environment: str
) -> AsyncIterator[Process]:
    """Run a worker around a block, and kill it afterwards if it still lives."""
    variables = {
        "KOMUNA_DATABASE_URL": settings.database_url.get_secret_value(),
        "KOMUNA_CURSOR_KEY": settings.cursor_key.get_secret_value(),
        "KOMUNA_ISSUER": settings.issuer,
        "KOMUNA_JWKS_URL": settings.jwks_url,
        # A stray name of another queue on the same machine must not be obeyed.
        "QUEUE_TABLE": "somebody_elses_queue",
        "PGQUEUER_CHANNEL": "somebody_elses_channel",
    }
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.shared.notes.worker",
            env=os.environ | variables | environment,
            stdout=output,
            stderr=output,
        )
    try:
        await until_logged(log, b"worker_started", process)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()


async def until_logged(log: Path, word: bytes, process: Process) -> None:
    """Wait until a worker has said a word."""
    async with asyncio.timeout(60):
        while word not in await asyncio.to_thread(log.read_bytes):
            assert process.returncode is None, "The worker has ended; its log says why."
            await asyncio.sleep(0.05)


async def until_progress(
    client: AsyncClient, headers: dict[str, str], url: str, progress: int
) -> None:
    """Ask until a job is as far as `progress`."""
    async with asyncio.timeout(60):
        while True:
            if (await client.get(url, headers=headers)).json()["progress"] >= progress:
                return
            await asyncio.sleep(0.02)


async def ended(client: AsyncClient, headers: dict[str, str], url: str) -> dict[str, Any]:
    """Ask until a job has ended."""
    async with asyncio.timeout(60):
        while True:
            answer = await client.get(url, headers=headers)
            assert answer.status_code == 200, answer.text
            job: dict[str, Any] = answer.json()
            if job["state"] not in {"queued", "running"}:
                return job
            await asyncio.sleep(0.05)
