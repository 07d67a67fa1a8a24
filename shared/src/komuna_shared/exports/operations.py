"""What changes an export: it is asked for, written, or cancelled."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared import audit
from komuna_shared.access import Principal
from komuna_shared.database import Record
from komuna_shared.formats import Media
from komuna_shared.jobs import enqueue
from komuna_shared.tables import export_chunk, export_file, export_job

RUN = "exports.run"


@dataclass(frozen=True)
class Written:
    """A file that was written, and the place in the feed from which it can be kept up to date."""

    name: str
    rows: int
    size: int
    sha256: str
    since_xid: int


async def ask_for_export(
    session: AsyncSession, principal: Principal, *, dataset: str, media: Media
) -> UUID:
    """Note an export with the job that will write it."""
    export_id = uuid4()
    await session.execute(
        insert(export_job).values(
            id=export_id,
            dataset=dataset,
            format=media.extension,
            issuer=principal.issuer,
            subject=principal.subject,
            client_id=principal.client_id,
        )
    )
    await enqueue(session, RUN, {"export": str(export_id)}, dedupe_key=f"{RUN} {export_id}")
    await audit.record(
        session,
        principal,
        action=f"export.{dataset}",
        subject_type="export",
        subject_id=str(export_id),
    )
    return export_id


async def cancel_export(session: AsyncSession, export_id: UUID) -> None:
    """Drop an export, finished or not, with its files."""
    await session.execute(delete(export_job).where(export_job.c.id == export_id))
    await _clear(session, export_id)


async def start(session: AsyncSession, export_id: UUID) -> Record | None:
    """Return the export that is to be written, or None if it is over or gone."""
    started = (
        update(export_job)
        .where(export_job.c.id == export_id, export_job.c.state.in_(("queued", "running")))
        .values(state="running", progress=1, version=export_job.c.version + 1)
        .returning(export_job)
    )
    job: Record | None = (await session.execute(started)).one_or_none()
    return job


async def store(
    session: AsyncSession, export_id: UUID, written: Written, pieces: AsyncIterator[bytes]
) -> None:
    """Keep a written file and end its export, unless it was cancelled meanwhile."""
    ended = await session.execute(
        update(export_job)
        .where(export_job.c.id == export_id, export_job.c.state == "running")
        .values(
            state="succeeded",
            progress=100,
            since_xid=written.since_xid,
            finished_at=func.now(),
            version=export_job.c.version + 1,
        )
        .returning(export_job.c.id)
    )
    if ended.first() is None:
        return
    await _clear(session, export_id)
    file = {"name": written.name, "rows": written.rows, "size": written.size}
    await session.execute(
        insert(export_file).values(export_id=export_id, sha256=written.sha256, **file)
    )
    position = 0
    async for piece in pieces:
        chunk = {"export_id": export_id, "name": written.name, "position": position, "body": piece}
        await session.execute(insert(export_chunk).values(chunk))
        position += 1


async def fail(session: AsyncSession, export_id: UUID, code: str) -> None:
    """End an export that could not be written."""
    await session.execute(
        update(export_job)
        .where(export_job.c.id == export_id)
        .values(
            state="failed",
            code=code,
            finished_at=func.now(),
            version=export_job.c.version + 1,
        )
    )


async def _clear(session: AsyncSession, export_id: UUID) -> None:
    for part in (export_file, export_chunk):
        await session.execute(delete(part).where(part.c.export_id == export_id))
