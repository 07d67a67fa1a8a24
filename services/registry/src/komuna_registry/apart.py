"""Nobody of the demonstration changes what is real by a file, whichever collection it is of.

What a file changed is read from the history that Postgres wrote of it, so that what follows from a
row counts as well: a membership that ends with its body, a record that is told anew.
"""

from collections import defaultdict
from collections.abc import Collection as Several
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.models import Account
from komuna_registry.history.models import RecordChange
from komuna_registry.keeping import load_sender
from komuna_registry.kept import KEPT
from komuna_registry.made_up import MadeUpMismatchError, is_made_up
from komuna_registry.sources.queries import find_made_up
from komuna_registry.sources.rules import Standing
from komuna_registry.tables import Base
from komuna_shared.database import Record
from komuna_shared.imports import Collection, Counts, Row, RowProblem, RowsRefusedError

# What everything else is counted and named by: no answer says of these that they are made up.
_GROUND = frozenset(
    {
        *("municipality", "region", "settlement", "language_rule"),
        *("office_kind", "mechanism_kind", "activity_publication"),
    }
)
# Each of these says of itself that it is made up, in whatever it stands.
_SAYS_IT_ITSELF = frozenset({"tenure", "membership"})
_KEYS = {one.type: one.column for one in KEPT if one.table == one.type}
_THIS_TRANSACTION = text("pg_current_xact_id()::text::bigint")
_MOST_NAMED = 100
Stored = Mapping[str, Any]


def kept_apart(collection: Collection[Any], issuer: str) -> Collection[Any]:
    """Return the collection, where a file of the demonstration changes made-up records only.

    `issuer` is whose subjects a file of accounts or assignments names where it names no issuer.
    """

    async def apply(session: AsyncSession, rows: Sequence[Row[Any]], import_id: UUID) -> Counts:
        sender = await load_sender(session, import_id)
        if not await is_made_up(session, sender):
            return await collection.apply(session, rows, import_id)
        _refuse(await _find_real_accounts(session, rows, issuer))
        began = (await session.execute(select(func.uuidv7()))).scalar_one()
        counts = await collection.apply(session, rows, import_id)
        await session.flush()
        real = await _find_real(session, began)
        _refuse([_caused(rows, one) for one in real[:_MOST_NAMED]])
        return counts

    return replace(collection, apply=apply)


def _refuse(rows: Iterable[Row[Any]]) -> None:
    """Raise for these rows, each named once."""
    named = {row.number: row for row in rows}
    problems = [
        RowProblem(number, _column(row.value), MadeUpMismatchError.code, MadeUpMismatchError.detail)
        for number, row in sorted(named.items())
    ]
    if problems:
        raise RowsRefusedError(problems)


def _column(value: BaseModel) -> str:
    fields = type(value).model_fields
    return next((one for one in ("is_synthetic", "source", "code") if one in fields), "")


async def _find_real_accounts(
    session: AsyncSession, rows: Sequence[Row[Any]], issuer: str
) -> list[Row[Any]]:
    """Return the rows about accounts that are real, or that would be; they have no history."""
    about = [row for row in rows if hasattr(row.value, "subject")]
    owners = {row.number: (row.value.issuer or issuer, row.value.subject) for row in about}
    account = Account.__table__.c
    found = await session.execute(
        select(account.issuer, account.subject).where(
            tuple_(account.issuer, account.subject).in_(set(owners.values())),
            account.is_synthetic.is_(False),
        )
    )
    real = {(one.issuer, one.subject) for one in found}
    return [
        row
        for row in about
        if owners[row.number] in real or getattr(row.value, "is_synthetic", True) is False
    ]


async def _find_real(session: AsyncSession, began: UUID) -> list[Record]:
    """Return what this transaction has changed since then of what is real, in order."""
    made = await session.execute(
        select(RecordChange.__table__)
        .where(RecordChange.xid == _THIS_TRANSACTION, RecordChange.id > began)
        .order_by(RecordChange.id)
    )
    changes = made.all()
    wholes = await _load_wholes(session, changes)
    told = {id(one): _rows_of(one, wholes) for one in changes}
    sources = {str(row.get("source")) for rows in told.values() for _, row in rows}
    made_up = await find_made_up(session, sources)
    return [
        one
        for one in changes
        if one.record_type in _GROUND
        or any(_is_real(table, row, made_up) for table, row in told[id(one)])
    ]


async def _load_wholes(
    session: AsyncSession, changes: Iterable[Record]
) -> dict[tuple[str, str], Stored]:
    """Return the records that parts were changed of."""
    named: defaultdict[str, set[str]] = defaultdict(set)
    for one in changes:
        if one.part not in _SAYS_IT_ITSELF | {one.record_type} | _GROUND:
            named[one.record_type].add(one.record_id)
    found: dict[tuple[str, str], Stored] = {}
    for kind, ids in named.items():
        table = Base.metadata.tables[kind]
        key = table.c[_KEYS[kind]]
        for row in (await session.execute(select(table).where(key.in_(ids)))).mappings():
            found[kind, row[key.name]] = dict(row)
    return found


def _rows_of(change: Record, wholes: Mapping[tuple[str, str], Stored]) -> list[tuple[str, Stored]]:
    """Return what was, what is, and what that is a part of, each with its table."""
    whole = wholes.get((change.record_type, change.record_id))
    if change.part in _SAYS_IT_ITSELF:
        whole = None
    rows = [(change.part, change.before), (change.part, change.after), (change.record_type, whole)]
    return [(table, row) for table, row in rows if row is not None]


def _is_real(table: str, row: Stored, made_up: Several[str]) -> bool:
    if table == "source":
        return Standing(row["standing"]) is not Standing.SYNTHETIC
    if "is_synthetic" in row:
        return not row["is_synthetic"]
    return row.get("source") not in made_up


def _caused(rows: Sequence[Row[Any]], change: Record) -> Row[Any]:
    """Return the row that a change came of: the one that says most of what was written."""
    written = change.after or change.before

    def likeness(row: Row[Any]) -> int:
        said = row.value.model_dump(mode="json", exclude_none=True)
        return sum(
            written.get(name) == one or one == change.record_id for name, one in said.items()
        )

    return max(rows, key=likeness)
