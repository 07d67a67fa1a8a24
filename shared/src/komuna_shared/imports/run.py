"""The job that takes one file in: read and judge every row, then write all of them or none."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from komuna_shared.database import Database, Record, service_error
from komuna_shared.errors import ServiceError
from komuna_shared.formats import Media
from komuna_shared.formats.reading import letter
from komuna_shared.jobs import Handler

from . import operations, queries
from .collection import Collection, Counts, Row, RowProblem
from .operations import CancelledError
from .rows import BATCH, Batch, Reader, columns_of, key_of, present

MAX_PROBLEMS = 1000
# A worker may be restarted in the middle; a file that ends its worker each time is given up.
MAX_ATTEMPTS = 5
_JUDGED = 50  # Of a hundred: the other half is the writing.


class RowsRefusedError(Exception):
    """Rows that only the writing showed to be wrong; raised by a feature's `apply`."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        super().__init__("rows_refused")
        self.problems = problems


def import_jobs(collections: Sequence[Collection[Any]]) -> Mapping[str, Handler]:
    """Return the handlers a worker needs to run imports of these collections."""
    known = {one.name: one for one in collections}

    async def run(database: Database, payload: dict[str, Any]) -> None:
        async with database.session() as session:
            job = await operations.start(session, UUID(payload["import"]))
            if job is not None and job.attempts > MAX_ATTEMPTS:
                await operations.fail(session, job, "given_up", [])
                return
        if job is not None:
            await _run(database, job, known[job.collection])

    return {operations.RUN: run}


async def _run(database: Database, job: Record, collection: Collection[Any]) -> None:
    header: list[str] = []
    try:
        problems = await _judge(database, job, collection, header)
        if not problems:
            await _write(database, job, collection)
            return
        code = "rows_refused"
    except CancelledError:
        async with database.session() as session:
            await operations.clear(session, job.id)
        return
    except RowsRefusedError as refused:
        problems, code = list(refused.problems), "rows_refused"
    except Exception as error:
        problems, code = [], _code_of(error)
        async with database.session() as session:
            await operations.fail(session, job, code, problems)
        if code == "internal_error":
            raise  # Kept by the queue, for the people who look after it.
        return
    async with database.session() as session:
        await operations.fail(session, job, code, [_at_its_cell(one, header) for one in problems])


def _at_its_cell(one: RowProblem, header: Sequence[str]) -> RowProblem:
    if one.column not in header:
        return one
    cell = f"{letter(header.index(one.column))}{one.row}"
    return replace(one, params={**one.params, "cell": cell})


def _code_of(error: Exception) -> str:
    known = error if isinstance(error, ServiceError) else service_error(error)
    return known.code if known else "internal_error"


async def _judge(
    database: Database, job: Record, collection: Collection[Any], header: list[str]
) -> list[RowProblem]:
    """Stage every row; return what is wrong, up to a limit; fill `header` as in a sheet."""
    problems: list[RowProblem] = []
    with _own_folder(job.id) as folder:
        path = folder / "file"
        await _fetch(database, job.id, path)
        reader = await asyncio.to_thread(Reader, path, Media(job.media), collection)
        while len(problems) < MAX_PROBLEMS:
            batch = await asyncio.to_thread(reader.read)
            if batch is None:
                break
            if job.media == Media.XLSX and batch.raw and not header:
                header += batch.raw[0].cells
            problems += batch.problems
            problems += await _check(database, job, collection, batch)
    async with database.session() as session:
        await operations.move(session, job.id, _JUDGED)
        if collection.key:
            problems += await queries.find_duplicates(session, job.id, collection, MAX_PROBLEMS)
    return sorted(problems, key=lambda one: one.row)[:MAX_PROBLEMS]


@contextmanager
def _own_folder(import_id: UUID) -> Iterator[Path]:
    # A worker that was killed left its copy of the file; the attempt after it takes that away.
    prefix = f"komuna-import-{import_id}-"
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix) as folder:
        yield Path(folder)


async def _fetch(database: Database, import_id: UUID, path: Path) -> None:
    async with database.session() as session:
        with path.open("wb") as file:
            async for piece in queries.read_chunks(session, import_id):
                file.write(piece)


async def _check(
    database: Database, job: Record, collection: Collection[Any], batch: Batch
) -> list[RowProblem]:
    async with database.sessions() as session:
        session.info["import_id"] = job.id  # A check may ask who sent the file.
        found = await collection.check(session, batch.rows)
        await session.rollback()  # A check that writes has changed nothing.
    keys = {row.number: key_of(collection, row.value) for row in batch.rows}
    staged = [(raw.number, keys.get(raw.number), raw.cells) for raw in batch.raw]
    async with database.session() as session:
        await operations.stage(session, job.id, staged)
        await operations.move(session, job.id, progress=10)
    return found


async def _write(database: Database, job: Record, collection: Collection[Any]) -> None:
    columns = columns_of(collection.row_model)

    def revive(batch: Sequence[Record]) -> list[Row[Any]]:
        model = collection.row_model
        return [Row(row, model.model_validate(present(data, columns))) for row, data in batch]

    counts = Counts()
    async with database.session() as session:
        await operations.hold(session, job.id)
        async with session.begin_nested() as writing:
            async for batch in queries.read_staged(session, job.id, BATCH):
                rows = await asyncio.to_thread(revive, batch)
                counts = counts.plus(await collection.apply(session, rows, job.id))
            await session.flush()
            keep = await collection.watch(session, job.id) if collection.watch else None
            if job.dry_run:
                await writing.rollback()
        if keep is not None:
            await keep(session)
        await operations.succeed(session, job, counts)
