"""The worker itself, killed over a letter; and letters whose job was lost."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from httpx import AsyncClient

from komuna_registry.notices.jobs import find_forgotten
from tests.databases import CURSOR_KEY, ServiceDatabase
from tests.registry.conftest import Headers

from .conftest import Mailbox, letter, serving, tell, waiting

_PATIENCE = 30.0


class TestFindForgotten:
    async def test_gives_a_letter_without_a_job_one_again_and_only_one(
        self, client: AsyncClient, registry: ServiceDatabase, sender: Headers
    ) -> None:
        await tell(client, sender)
        await registry.fetch("delete from pgqueuer")
        async with registry.opened() as opened:
            await find_forgotten(opened, {})
            assert await waiting(registry) == []

            await registry.fetch("update delivery set next_at = now() - interval '20 minutes'")
            await find_forgotten(opened, {})
            await find_forgotten(opened, {})

        assert len(await waiting(registry)) == 1


@asynccontextmanager
async def working(registry: ServiceDatabase, log: Path, **more: str) -> AsyncIterator[Any]:
    """Run the registry's worker as a process of its own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("KOMUNA_")}
    environment = {
        **own,
        "KOMUNA_ISSUER": "http://127.0.0.1:8100",
        "KOMUNA_JWKS_URL": "http://127.0.0.1:8100/jwks.json",
        "KOMUNA_DATABASE_URL": registry.url,
        "KOMUNA_CURSOR_KEY": CURSOR_KEY.get_secret_value(),
        **more,
    }
    with log.open("ab") as output:
        process = await asyncio.to_thread(
            subprocess.Popen,
            [sys.executable, "-m", "komuna_registry.worker"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.kill()
            await asyncio.to_thread(process.wait)


class TestWorker:
    async def test_sends_what_is_asked_for_and_again_what_it_died_over(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        sender: Headers,
        tmp_path: Path,
    ) -> None:
        log = tmp_path / "worker.log"
        async with serving(Mailbox(may_answer=asyncio.Event())) as mailbox:
            url = f"smtp://127.0.0.1:{mailbox.port}"
            async with working(registry, log, KOMUNA_SMTP_URL=url) as worker:
                await tell(client, sender)
                await asyncio.wait_for(mailbox.has_letter.wait(), _PATIENCE)
                worker.send_signal(signal.SIGKILL)
            assert (await letter(registry))["state"] == "queued"

            mailbox.may_answer = None
            async with working(registry, log, KOMUNA_SMTP_URL=url), asyncio.timeout(_PATIENCE):
                while (await letter(registry))["state"] != "sent":  # noqa: ASYNC110
                    await asyncio.sleep(0.1)

        assert [one["Message-ID"] for one in mailbox.taken] == [mailbox.taken[0]["Message-ID"]] * 2
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        assert "letter_sent" in {line["event"] for line in lines}
        assert "@" not in log.read_text()
