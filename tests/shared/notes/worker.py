"""The worker of the notes, as a process of its own."""

import asyncio
import os
from typing import Any

from sqlalchemy import text

from komuna_shared.database import Database
from komuna_shared.exports import export_jobs
from komuna_shared.imports import import_jobs
from komuna_shared.settings import ServiceSettings
from komuna_shared.worker import Schedule, run_worker
from tests.shared.notes.main import COLLECTIONS, DATASETS


async def fail_loudly(_: Database, payload: dict[str, Any]) -> None:
    """Fail with what was received in the message."""
    raise ValueError(payload["name"])


async def sleep_long(database: Database, payload: dict[str, Any]) -> None:
    """Write that it began, and take its time."""
    async with database.session() as session:
        await session.execute(
            text("insert into outbox (type, aggregate_id, version) values ('began', :it, 1)"),
            {"it": payload["name"]},
        )
    await asyncio.sleep(float(os.environ.get("NOTES_SLEEP", "30")))


async def call(database: Database, payload: dict[str, Any]) -> None:
    """Call whoever listens on a port, hear them out, and write that they answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(payload["name"]))
    await reader.read()
    writer.close()
    async with database.session() as session:
        await session.execute(
            text("insert into outbox (type, aggregate_id, version) values ('answered', :it, 1)"),
            {"it": payload["name"]},
        )


if __name__ == "__main__":
    run_worker(
        "notes",
        ServiceSettings(),
        jobs={
            **import_jobs(COLLECTIONS),
            **export_jobs(DATASETS),
            "call": call,
            "fail": fail_loudly,
            "sleep": sleep_long,
        },
        schedules=[Schedule("never", "0 0 1 1 *", fail_loudly)],
    )
