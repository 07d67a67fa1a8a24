"""What changes the catalogue: each import adds versions, and never alters one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, func, literal_column, update
from sqlalchemy import Row as Stored
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.changes import Change, publish_all
from komuna_shared.imports import Counts, Row, RowProblem

from . import queries, rules
from .models import CatalogueVersion, CodeList, Dataflow, Document, Indicator, Versioned
from .schemas import CodeListIn, DataflowIn, DocumentIn, IndicatorIn, covers_range

Rows = Sequence[Row[Any]]


async def check_code_lists(
    session: AsyncSession, rows: Sequence[Row[CodeListIn]]
) -> list[RowProblem]:
    """Find code lists that would alter a published version."""
    return await version_problems(session, CodeList, rows)


async def check_dataflows(
    session: AsyncSession, rows: Sequence[Row[DataflowIn]]
) -> list[RowProblem]:
    """Find dataflows that would alter a published version, or that name no code list."""
    lists = (await queries.read_everything(session))["code_list"]
    problems = [
        RowProblem(row.number, "dimensions", "unknown_code_list", _UNKNOWN_LIST)
        for row in rows
        if any(one.code_list not in lists for one in row.value.dimensions)
    ]
    return problems + await version_problems(session, Dataflow, rows)


async def check_indicators(
    session: AsyncSession, rows: Sequence[Row[IndicatorIn]]
) -> list[RowProblem]:
    """Find indicators that would alter a published version, or name no dataflow or unit."""
    stored = await queries.read_everything(session)
    unit_list = stored["code_list"].get(rules.UNIT_LIST)
    units = {one["code"] for one in unit_list.codes} if unit_list else set()
    problems = [
        RowProblem(row.number, "dataflow", "unknown_dataflow", _UNKNOWN_DATAFLOW)
        for row in rows
        if row.value.dataflow not in stored["dataflow"]
    ]
    problems += [
        RowProblem(row.number, "unit", "unknown_unit", _UNKNOWN_UNIT)
        for row in rows
        if row.value.unit not in units
    ]
    return problems + await version_problems(session, Indicator, rows)


async def add_documents(session: AsyncSession, rows: Sequence[Row[DocumentIn]], _: UUID) -> Counts:
    """Add or correct the descriptions of documents."""
    values = [_document(row.value) for row in rows]
    new = insert(Document).values(values)
    stored, sent = Document.__table__.c, new.excluded
    replaced = {name: sent[name] for name in values[0] if name != "code"}
    differs = func.row(*(stored[name] for name in replaced)).is_distinct_from(
        func.row(*replaced.values())
    )
    upsert = new.on_conflict_do_update(index_elements=["code"], set_=replaced, where=differs)
    is_new: ColumnElement[bool] = literal_column("xmax = 0")
    made = (await session.scalars(upsert.returning(is_new))).all()
    if made:
        await _count_change(session)
    return Counts(sum(made), len(made) - sum(made), len(values) - len(made))


async def add_code_lists(session: AsyncSession, rows: Rows, _: UUID) -> Counts:
    """Add versions of code lists."""
    return await add_versions(session, CodeList, rows)


async def add_dataflows(session: AsyncSession, rows: Rows, _: UUID) -> Counts:
    """Add versions of dataflows."""
    return await add_versions(session, Dataflow, rows)


async def add_indicators(session: AsyncSession, rows: Rows, _: UUID) -> Counts:
    """Add versions of indicators."""
    return await add_versions(session, Indicator, rows)


_UNKNOWN_LIST = "There is no such code list."
_UNKNOWN_DATAFLOW = "There is no such dataflow."
_UNKNOWN_UNIT = "There is no such unit in the code list of units."
_PUBLISHED = "This version is published and never changes; give the change a newer version."
_OLDER = "A newer version is published already."


async def version_problems(
    session: AsyncSession, table: type[Versioned], rows: Rows
) -> list[RowProblem]:
    """Find entries that would alter a published version, or come before it."""
    stored = await queries.find_versions(session, table, {row.value.code for row in rows})
    newest: dict[str, str] = {}
    for code, version in stored:
        newest[code] = max(newest.get(code, version), version, key=rules.version_key)
    problems = []
    for row in rows:
        entry = row.value
        same = stored.get((entry.code, entry.version))
        if same is not None and not _is_equal(same, entry):
            problems.append(RowProblem(row.number, "version", "version_published", _PUBLISHED))
        if same is None and not rules.may_follow(newest.get(entry.code), entry.version):
            problems.append(RowProblem(row.number, "version", "version_older", _OLDER))
    return problems


async def add_versions(session: AsyncSession, table: type[Versioned], rows: Rows) -> Counts:
    """Add the versions that are not there yet, each closing the one before it."""
    stored = await queries.find_versions(session, table, {row.value.code for row in rows})
    known = {code for code, _ in stored}
    new = [row.value for row in rows if (row.value.code, row.value.version) not in stored]
    if not new:
        return Counts(unchanged=len(rows))
    codes = [entry.code for entry in new]
    current = table.valid_to == literal_column("'infinity'")
    await session.execute(
        update(table).where(table.code.in_(codes), current).values(valid_to=func.now())
    )
    await session.execute(insert(table).values([entry.model_dump(mode="json") for entry in new]))
    await _count_change(session)
    kind = table.__tablename__  # type: ignore[attr-defined]
    await publish_all(session, [_change(kind, entry) for entry in new])
    created = len(set(codes) - known)
    return Counts(created, len(new) - created, len(rows) - len(new))


async def _count_change(session: AsyncSession) -> None:
    counted = insert(CatalogueVersion).values(id=True, version=1)
    more = CatalogueVersion.version + 1
    await session.execute(
        counted.on_conflict_do_update(index_elements=["id"], set_={"version": more})
    )


def _change(kind: str, entry: Any) -> Change:
    major, minor, patch = rules.version_key(entry.version)
    number = (major * 10_000 + minor) * 10_000 + patch
    return Change(kind, entry.code, number, entry.model_dump(mode="json"))


def _is_equal(stored: Stored[Any], sent: BaseModel) -> bool:
    told = sent.model_dump(mode="json")
    return all(getattr(stored, name) == value for name, value in told.items())


def _document(entry: DocumentIn) -> dict[str, Any]:
    covers_from, covers_to = covers_range(entry.covers)
    told = entry.model_dump(exclude={"covers"})
    return told | {"covers_from": covers_from, "covers_to": covers_to}
