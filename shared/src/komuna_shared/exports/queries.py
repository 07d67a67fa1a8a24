"""What the database is asked about exports. What a caller sees starts from `_visible_to`."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.access import Principal
from komuna_shared.database import Database, Record
from komuna_shared.errors import NotFoundError
from komuna_shared.tables import export_chunk, export_file, export_job


def _visible_to(principal: Principal) -> Select[Any]:
    return select(export_job).where(
        export_job.c.issuer == principal.issuer, export_job.c.subject == principal.subject
    )


async def get_export(session: AsyncSession, export_id: UUID, principal: Principal) -> Record:
    """Return one export, or raise `NotFoundError` for everybody but who asked for it."""
    found = await session.execute(_visible_to(principal).where(export_job.c.id == export_id))
    row: Record | None = found.one_or_none()
    if row is None:
        raise NotFoundError
    return row


async def list_files(session: AsyncSession, export_id: UUID) -> Sequence[Record]:
    """Return the files of an export."""
    files = select(export_file).where(export_file.c.export_id == export_id)
    return (await session.execute(files.order_by(export_file.c.name))).all()


async def get_file(session: AsyncSession, export_id: UUID, name: str) -> Record:
    """Return one file of an export, or raise `NotFoundError`."""
    files = select(export_file).where(export_file.c.export_id == export_id)
    found = (await session.execute(files.where(export_file.c.name == name))).one_or_none()
    if found is None:
        raise NotFoundError
    return found


async def read_file(database: Database, export_id: UUID, name: str) -> AsyncIterator[bytes]:
    """Yield a file piece by piece, holding no connection while the reader is slow."""
    place = (export_chunk.c.export_id == export_id) & (export_chunk.c.name == name)
    position = 0
    while True:
        piece = select(export_chunk.c.body).where(place, export_chunk.c.position == position)
        async with database.reader() as connection:
            body = await connection.scalar(piece)
        if body is None:
            return
        yield body
        position += 1
