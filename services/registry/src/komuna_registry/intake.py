"""How a file's rows become rows of one table, described once for each collection."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.news import find_old
from komuna_registry.rows import FileRow
from komuna_registry.tables import Base
from komuna_registry.upserts import References, find_missing, upsert
from komuna_shared.imports import Collection, Counts, Row, RowProblem

WRITERS = frozenset({"ops", "coordinator"})
# A file of roles grants without asking who may grant what: only whoever may grant everything.
KEEPERS = frozenset({"ops"})

Written = Sequence[Mapping[str, Any]]
After = Callable[[AsyncSession, Written], Awaitable[None]]
Check = Callable[[AsyncSession, Sequence[Row[Any]]], Awaitable[list[RowProblem]]]


def _own_columns(row: FileRow) -> dict[str, Any]:
    return row.columns()


@dataclass(frozen=True, slots=True)
class Table:
    """The table that a collection fills: its key, what its cells refer to, what follows a write."""

    model: type[Base]
    keys: tuple[str, ...]
    references: References
    after: After
    check: Check | None = None
    columns: Callable[[Any], dict[str, Any]] = _own_columns


def collection(
    name: str, row_model: type[FileRow], table: Table, *, roles: frozenset[str] = WRITERS
) -> Collection[Any]:
    """Return the collection of that name, which adds new rows and replaces changed ones.

    A row that says again what its sender said before leaves alone what was changed since.
    """

    async def find_news(
        session: AsyncSession, rows: Sequence[Row[Any]], import_id: UUID
    ) -> list[Row[Any]]:
        stored = [table.columns(row.value) for row in rows]
        old = await find_old(session, import_id, table.model, stored, keys=table.keys)
        return [row for place, row in enumerate(rows) if place not in old]

    async def check(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[RowProblem]:
        news = await find_news(session, rows, session.info["import_id"])
        problems = await find_missing(session, news, table.references)
        return problems + (await table.check(session, news) if table.check else [])

    async def apply(session: AsyncSession, rows: Sequence[Row[Any]], import_id: UUID) -> Counts:
        news = await find_news(session, rows, import_id)
        stored = [table.columns(row.value) for row in news]
        counts, changed = await upsert(session, table.model, stored, keys=table.keys)
        if changed:
            await table.after(session, changed)
        return counts.plus(Counts(unchanged=len(rows) - len(news)))

    return Collection(
        name=name, row_model=row_model, apply=apply, roles=roles, key=table.keys, check=check
    )
