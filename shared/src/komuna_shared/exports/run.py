"""The job that writes one export, from one snapshot of the database."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from komuna_shared.changes import oldest_running
from komuna_shared.database import Database, Record, service_error
from komuna_shared.formats import Media
from komuna_shared.formats.writing import RowWriter
from komuna_shared.jobs import Handler

from . import operations
from .dataset import Dataset

_PIECE = 256 * 1024


def export_jobs(datasets: Sequence[Dataset]) -> Mapping[str, Handler]:
    """Return the handlers a worker needs to write exports of these datasets."""
    known = {one.name: one for one in datasets}

    async def run(database: Database, payload: dict[str, Any]) -> None:
        export_id = UUID(payload["export"])
        async with database.session() as session:
            job = await operations.start(session, export_id)
        if job is None:
            return
        try:
            await _write(database, job, known[job.dataset])
        except Exception as error:
            problem = service_error(error)
            async with database.session() as session:
                await operations.fail(
                    session, export_id, problem.code if problem else "internal_error"
                )
            raise

    return {operations.RUN: run}


async def _write(database: Database, job: Record, dataset: Dataset) -> None:
    media = Media[job.format.upper()]
    with tempfile.TemporaryDirectory(prefix="komuna-export-") as folder:
        path = Path(folder) / f"{dataset.name}.{media.extension}"
        writer = RowWriter(path, media, dataset.columns)
        since_xid = await _copy(database, dataset, writer)
        await asyncio.to_thread(writer.close)
        sha256 = await asyncio.to_thread(_sha256, path)
        written = operations.Written(path.name, writer.rows, path.stat().st_size, sha256, since_xid)
        async with database.session() as session:
            await operations.store(session, job.id, written, _pieces(path))


async def _copy(database: Database, dataset: Dataset, writer: RowWriter) -> int:
    async with database.engine.connect() as connection:
        await connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        # Whatever this snapshot does not hold has this number or a later one in the feed.
        first_missing = await oldest_running(connection)
        async for batch in dataset.read(connection):
            await asyncio.to_thread(writer.write, batch)
    return first_missing - 1


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
