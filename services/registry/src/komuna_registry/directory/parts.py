"""How a file about parts of services is checked, written and told to whoever follows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.intake import WRITERS, After, Check, Written
from komuna_registry.rows import FileRow
from komuna_registry.tables import Base
from komuna_registry.upserts import References, find_missing, upsert
from komuna_shared.changes import publish_all
from komuna_shared.imports import Collection, Counts, Row, RowProblem

from .details import load_whole
from .models import Service
from .secrecy import check_secrecy, held_back
from .telling import as_change

_REFUSED = "A confidential service has no place, and nothing that could give one away."


@dataclass(frozen=True, slots=True)
class Part:
    """A table of parts of services; `refused` is the cell that a confidential one leaves empty."""

    model: type[Base]
    keys: tuple[str, ...]
    references: References
    refused: str | None = None
    texts: tuple[str, ...] = ()
    check: Check | None = None
    refusal: str = _REFUSED


def part(name: str, row_model: type[FileRow], described: Part) -> Collection[Any]:
    """Return the collection of that name, whose rows each belong to one service."""

    async def check(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[RowProblem]:
        secret = held_back(await find_confidential(session, rows), rows)
        problems = await find_missing(session, rows, described.references)
        refused = described.refused
        if refused is not None:
            problems += [
                RowProblem(row.number, refused, "confidential_place", described.refusal)
                for row in secret
                if getattr(row.value, refused) is not None
            ]
        problems += await check_secrecy(session, secret, described.texts)
        return problems + (await described.check(session, rows) if described.check else [])

    async def apply(session: AsyncSession, rows: Sequence[Row[Any]], _: UUID) -> Counts:
        stored = [row.value.columns() for row in rows]
        if "is_confidential" in described.model.__table__.c:
            confidential = await find_confidential(session, rows)
            stored = [{**one, "is_confidential": confidential[one["service"]]} for one in stored]
        counts, changed = await upsert(session, described.model, stored, keys=described.keys)
        if changed:
            await tell("service")(session, changed)
        return counts

    return Collection(
        name=name,
        row_model=row_model,
        apply=apply,
        roles=WRITERS,
        key=described.keys,
        check=check,
    )


async def find_confidential(session: AsyncSession, rows: Sequence[Row[Any]]) -> dict[str, bool]:
    """Return for each service of these rows that exists whether it is confidential."""
    codes = {row.value.service for row in rows}
    found = await session.execute(
        select(Service.code, Service.is_confidential).where(Service.code.in_(codes))
    )
    return {one.code: one.is_confidential for one in found}


def tell(column: str) -> After:
    """Return what tells the followers of each service whose rows were written."""

    async def tell_services(session: AsyncSession, written: Written) -> None:
        await renew(session, Service.code.in_(sorted({row[column] for row in written})))

    return tell_services


async def renew(session: AsyncSession, condition: ColumnElement[bool]) -> None:
    """Give services a new version, and tell those who may know of them how they are now."""
    changed = (
        update(Service)
        .where(condition)
        .values(version=Service.version + 1)
        .returning(*Service.__table__.c)
    )
    rows = (await session.execute(changed)).all()
    whole = await load_whole(session, sorted(rows, key=lambda row: str(row.code)))
    await publish_all(session, [as_change(one) for one in whole])
