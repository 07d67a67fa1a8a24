"""How rows of a file reach one table: new ones added, changed ones replaced, equal ones left."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from komuna_registry.tables import Base
from komuna_shared.imports import Counts, Row, RowProblem

_ROWS = 500
References = Mapping[str, InstrumentedAttribute[Any]]


async def upsert(
    session: AsyncSession, model: type[Base], rows: Sequence[dict[str, Any]], *, keys: Sequence[str]
) -> tuple[Counts, list[Mapping[str, Any]]]:
    """Write `rows`, and return what that did with every row that it changed."""
    counts = Counts()
    changed: list[Mapping[str, Any]] = []
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        written = await _write(session, model, part, keys)
        created = sum(row["is_new"] for row in written)
        left = len(part) - len(written)
        counts = counts.plus(Counts(created, len(written) - created, left))
        changed += written
    return counts, changed


async def find_missing(
    session: AsyncSession, rows: Sequence[Row[Any]], references: References
) -> list[RowProblem]:
    """Return a problem for each cell that names something that is not there."""
    problems: list[RowProblem] = []
    for column, target in references.items():
        named = {getattr(row.value, column) for row in rows} - {None}
        known = set(await session.scalars(select(target).where(target.in_(named))))
        missing = [row.number for row in rows if getattr(row.value, column) in named - known]
        problems += [_missing(number, column, target) for number in missing]
    return problems


def _missing(row: int, column: str, target: InstrumentedAttribute[Any]) -> RowProblem:
    if target.class_.__tablename__ == "municipality":
        return RowProblem(row, column, "unknown_municipality")
    return RowProblem(row, column, "unknown_reference", "This names something that is not there.")


async def _write(
    session: AsyncSession, model: type[Base], rows: Sequence[dict[str, Any]], keys: Sequence[str]
) -> list[Mapping[str, Any]]:
    table = model.__table__
    new = insert(model).values(rows)
    rest = [name for name in rows[0] if name not in keys]
    replaced: dict[str, Any] = {name: new.excluded[name] for name in rest}
    if "version" in table.c:
        replaced["version"] = table.c.version + 1
    statement = new.on_conflict_do_update(
        index_elements=list(keys),
        set_=replaced,
        where=_differs(table.c, new.excluded, rest),
    ).returning(*table.c, literal_column("xmax = 0").label("is_new"))
    return [dict(row) for row in (await session.execute(statement)).mappings()]


def _differs(stored: Any, sent: Any, names: Iterable[str]) -> Any:
    listed = list(names)
    return func.row(*(stored[name] for name in listed)).is_distinct_from(
        func.row(*(sent[name] for name in listed))
    )
