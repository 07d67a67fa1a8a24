"""What changes an import: it is taken in, moves on, ends or is cancelled."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared import audit
from komuna_shared.access import Principal
from komuna_shared.database import Record, raw
from komuna_shared.errors import ConflictError
from komuna_shared.formats import Media
from komuna_shared.jobs import enqueue
from komuna_shared.tables import import_chunk, import_job, import_problem, import_row

from .collection import Counts, RowProblem
from .sentences import sentence

RUN = "imports.run"
_RUNNING = ("queued", "running")


class ImportEndedError(ConflictError):
    """The import is over, one way or the other."""

    code = "import_ended"
    detail = "The import has ended and cannot be cancelled."


class CancelledError(Exception):
    """Somebody cancelled the import while it ran."""


@dataclass(frozen=True)
class Upload:
    """A file that was sent, and what its sender wants."""

    collection: str
    media: Media
    dry_run: bool
    sha256: str
    size: int


async def take_in(
    session: AsyncSession, principal: Principal, upload: Upload, pieces: AsyncIterator[bytes]
) -> UUID:
    """Store a file with the job that will read it."""
    import_id = uuid4()
    await session.execute(
        insert(import_job).values(
            id=import_id,
            collection=upload.collection,
            media=upload.media.value,
            dry_run=upload.dry_run,
            issuer=principal.issuer,
            subject=principal.subject,
            client_id=principal.client_id,
            sha256=upload.sha256,
            size=upload.size,
        )
    )
    position = 0
    async for piece in pieces:
        chunk = {"import_id": import_id, "position": position, "body": piece}
        await session.execute(insert(import_chunk).values(chunk))
        position += 1
    await enqueue(session, RUN, {"import": str(import_id)}, dedupe_key=f"{RUN} {import_id}")
    await _record(session, principal, "import.started", import_id)
    return import_id


async def cancel_import(session: AsyncSession, principal: Principal, job: Record) -> None:
    """Cancel an import: nothing of it is or will be written, and it is gone."""
    gone = await session.execute(
        delete(import_job)
        .where(import_job.c.id == job.id, import_job.c.state.in_(_RUNNING))
        .returning(import_job.c.id)
    )
    if gone.first() is None:
        raise ImportEndedError
    await clear(session, job.id)
    await _record(session, principal, "import.cancelled", job.id)


async def start(session: AsyncSession, import_id: UUID) -> Record | None:
    """Return the import that is to run, cleared of an earlier attempt, or None if it is over."""
    started = (
        update(import_job)
        .where(import_job.c.id == import_id, import_job.c.state.in_(_RUNNING))
        .values(
            state="running",
            progress=1,
            attempts=import_job.c.attempts + 1,
            version=import_job.c.version + 1,
        )
        .returning(import_job)
    )
    job: Record | None = (await session.execute(started)).one_or_none()
    if job is not None:
        await session.execute(delete(import_row).where(import_row.c.import_id == import_id))
    return job


async def move(session: AsyncSession, import_id: UUID, progress: int) -> None:
    """Note how far an import is, or raise `CancelledError`."""
    moved = await session.execute(
        update(import_job)
        .where(import_job.c.id == import_id, import_job.c.state == "running")
        .values(progress=progress, version=import_job.c.version + 1)
        .returning(import_job.c.id)
    )
    if moved.first() is None:
        raise CancelledError


async def stage(
    session: AsyncSession, import_id: UUID, rows: Sequence[tuple[int, str | None, dict[str, Any]]]
) -> None:
    """Put rows beside the tables they are meant for."""
    records = [
        (import_id, number, key, orjson.dumps(cells, default=str).decode())
        for number, key, cells in rows
    ]
    connection = await raw(session)
    await connection.copy_records_to_table(
        "import_row", records=records, columns=["import_id", "row", "key", "data"]
    )


async def hold(session: AsyncSession, import_id: UUID) -> None:
    """Keep an import from being cancelled until this transaction ends."""
    held = select(import_job.c.id).where(
        import_job.c.id == import_id, import_job.c.state == "running"
    )
    if await session.scalar(held.with_for_update()) is None:
        raise CancelledError


async def succeed(session: AsyncSession, job: Record, counts: Counts) -> None:
    """End an import that did what it should, in the transaction of what it did."""
    await _end(session, job.id, state="succeeded", progress=100, counts=counts._asdict())
    if not job.dry_run:
        principal = Principal(job.issuer, job.subject, job.client_id, frozenset(), "", 0)
        await _record(session, principal, f"import.{job.collection}", job.id)


async def fail(
    session: AsyncSession, job: Record, code: str, problems: Sequence[RowProblem]
) -> None:
    """End an import that wrote nothing, with everything that is wrong with its file."""
    await session.execute(delete(import_problem).where(import_problem.c.import_id == job.id))
    if problems:
        await session.execute(
            insert(import_problem),
            [
                {
                    "import_id": job.id,
                    "position": position,
                    "row": one.row,
                    "column": one.column,
                    "code": one.code,
                    "detail": one.detail or sentence(one.code),
                    "params": dict(one.params),
                }
                for position, one in enumerate(problems, start=1)
            ],
        )
    await _end(session, job.id, state="failed", code=code, problem_count=len(problems))


async def clear(session: AsyncSession, import_id: UUID) -> None:
    """Drop the file and its staged rows."""
    for part in (import_chunk, import_row):
        await session.execute(delete(part).where(part.c.import_id == import_id))


async def _end(session: AsyncSession, import_id: UUID, **values: Any) -> None:
    ended = {"version": import_job.c.version + 1, "finished_at": func.now()} | values
    is_this = (import_job.c.id == import_id) & (import_job.c.state == "running")
    await session.execute(update(import_job).where(is_this).values(ended))
    await clear(session, import_id)


async def _record(session: AsyncSession, who: Principal, action: str, import_id: UUID) -> None:
    await audit.record(
        session, who, action=action, subject_type="import", subject_id=str(import_id)
    )
