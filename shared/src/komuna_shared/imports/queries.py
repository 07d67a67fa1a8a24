"""What the database is asked about imports. What a caller sees starts from `_visible_to`."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.access import Principal
from komuna_shared.database import Record
from komuna_shared.errors import NotFoundError
from komuna_shared.tables import import_chunk, import_job, import_problem, import_row

from .collection import Collection, RowProblem


def _visible_to(principal: Principal) -> Select[Any]:
    return select(import_job).where(
        import_job.c.issuer == principal.issuer, import_job.c.subject == principal.subject
    )


async def get_import(session: AsyncSession, import_id: UUID, principal: Principal) -> Record:
    """Return one import, or raise `NotFoundError` for everybody but who sent it."""
    found = await session.execute(_visible_to(principal).where(import_job.c.id == import_id))
    row: Record | None = found.one_or_none()
    if row is None:
        raise NotFoundError
    return row


def problems_of(import_id: UUID) -> Select[Any]:
    """Return the statement that lists what is wrong with a file."""
    return select(import_problem).where(import_problem.c.import_id == import_id)


async def read_chunks(session: AsyncSession, import_id: UUID) -> AsyncIterator[bytes]:
    """Yield the file as it was sent, piece by piece."""
    position = 0
    piece = select(import_chunk.c.body).where(import_chunk.c.import_id == import_id)
    while body := await session.scalar(piece.where(import_chunk.c.position == position)):
        yield body
        position += 1


async def find_duplicates(
    session: AsyncSession, import_id: UUID, collection: Collection[Any], limit: int
) -> list[RowProblem]:
    """Return the rows about things that an earlier row of the file is about already."""
    first = func.min(import_row.c.row).over(partition_by=import_row.c.key)
    keyed = (
        select(import_row.c.row, first.label("first"))
        .where(import_row.c.import_id == import_id, import_row.c.key.is_not(None))
        .subquery()
    )
    later = select(keyed).where(keyed.c.row > keyed.c.first).order_by(keyed.c.row).limit(limit)
    return [
        RowProblem(row, collection.key[0], "duplicate_row", params={"first": first})
        for row, first in await session.execute(later)
    ]


async def read_staged(
    session: AsyncSession, import_id: UUID, size: int
) -> AsyncIterator[Sequence[Record]]:
    """Yield the staged rows of a file in its order, in batches."""
    last = 0
    staged = select(import_row.c.row, import_row.c.data).where(import_row.c.import_id == import_id)
    while True:
        rows = staged.where(import_row.c.row > last).order_by(import_row.c.row).limit(size)
        batch = (await session.execute(rows)).all()
        if not batch:
            return
        yield batch
        last = batch[-1].row
