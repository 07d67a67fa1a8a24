"""Keys that an institution holds without seeing the case: what let it in failed, or has ended."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Row, column, delete, func, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.database import Database

from .models import DataKey, WrappedKey
from .operations import alone_with
from .orphans import GRACE

_BATCH = 500
_ACCESS = table("case_access", column("case_id"), column("inst"), column("ended_at"))


async def sweep_strays(keystore: Database, data: Database, *, grace: timedelta = GRACE) -> int:
    """Take keys back from who has no way into the case, and return from how many that was.

    A key is handed over before the way in is committed, so nothing young is looked at. A case
    whose keys nobody with a way in holds is left alone: its keys would be lost to everybody.
    """
    swept, last = 0, UUID(int=0)
    while True:
        async with keystore.session() as session:
            held = await _held(session, after=last)
        if not held:
            return swept
        last = held[-1].case_id
        seen = await _who_sees(data, {row.case_id for row in held})
        for case_id, institution in _strays(held, seen):
            async with keystore.session() as session:
                await alone_with(session, case_id)
                swept += await _take_back(session, case_id, institution, grace)


def _strays(held: Sequence[Row[UUID, str]], seen: dict[UUID, set[str]]) -> list[tuple[UUID, str]]:
    holders = defaultdict(set)
    for row in held:
        holders[row.case_id].add(row.institution)
    return [
        (case_id, one)
        for case_id, names in holders.items()
        if names & seen[case_id]
        for one in sorted(names - seen[case_id])
    ]


async def _held(session: AsyncSession, *, after: UUID) -> Sequence[Row[UUID, str]]:
    """Return who holds keys of the next cases, all of each case."""
    cases = (
        select(DataKey.case_id)
        .join(WrappedKey, WrappedKey.key_id == DataKey.id)
        .where(DataKey.case_id > after)
        .distinct()
        .order_by(DataKey.case_id)
        .limit(_BATCH)
    )
    found = (
        select(DataKey.case_id, WrappedKey.institution)
        .join(WrappedKey, WrappedKey.key_id == DataKey.id)
        .where(DataKey.case_id.in_(cases))
        .distinct()
        .order_by(DataKey.case_id)
    )
    return (await session.execute(found)).all()


async def _who_sees(data: Database, cases: set[UUID]) -> dict[UUID, set[str]]:
    seen: dict[UUID, set[str]] = defaultdict(set)
    let_in = select(_ACCESS.c.case_id, _ACCESS.c.inst).where(
        _ACCESS.c.case_id.in_(sorted(cases)), _ACCESS.c.ended_at.is_(None)
    )
    async with data.session() as session:
        for row in await session.execute(let_in):
            seen[row.case_id].add(row.inst)
    return seen


async def _take_back(
    session: AsyncSession, case_id: UUID, institution: str, grace: timedelta
) -> int:
    """Take what is old, asked in the statement that takes it: it may have come anew meanwhile."""
    of_case = select(DataKey.id).where(DataKey.case_id == case_id)
    gone = await session.execute(
        delete(WrappedKey)
        .where(
            WrappedKey.institution == institution,
            WrappedKey.key_id.in_(of_case),
            WrappedKey.created_at < func.now() - grace,
        )
        .returning(WrappedKey.key_id)
    )
    return int(bool(gone.all()))
