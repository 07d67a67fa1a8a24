"""What the database is asked about the history of records."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Date, Text, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.accounts.models import Account, Assignment
from komuna_registry.kept import UNTOLD
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_registry.tables import Statement
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import ImportChange, RecordChange
from .rules import MOST


class Sight(NamedTuple):
    """How much of a record's history somebody may see: for whom it was, and what came later.

    `after` is the id of a change: it and everything before it stays untold.
    """

    audiences: frozenset[str] = frozenset({"public"})
    after: UUID | None = None


def _visible_to(sight: Sight) -> Statement:
    """Select what these eyes may see; what was for others when it was written, stays theirs."""
    written_for = RecordChange.audience
    seen: Statement = select(RecordChange.__table__).where(
        or_(written_for.is_(None), written_for.in_(sight.audiences))
    )
    return seen if sight.after is None else seen.where(RecordChange.id > sight.after)


async def list_entries(
    connection: AsyncConnection,
    page: PageRequest,
    record: tuple[str, str],
    sight: Sight,
) -> Found[Record]:
    """Return one page of what became of a record, the latest first, with who did it."""
    entries = (
        _visible_to(sight)
        .add_columns(
            Account.name.label("by_name"),
            _role_then().label("by_role"),
            _is_made_up().label("is_synthetic"),
        )
        .outerjoin(Account, Account.id == RecordChange.account)
        .outerjoin(Source, Source.code == RecordChange.source)
        .where(
            RecordChange.record_type == record[0],
            RecordChange.record_id == record[1],
            says_something(),
        )
    )
    keys = (Key("id", RecordChange.__table__.c.id),)
    return await keyset(connection, entries, page, keys=keys, default="-id")


async def list_import_changes(
    session: AsyncSession, page: PageRequest, import_id: UUID
) -> Found[Record]:
    """Return one page of what an import changed or would have, in the order of its doing."""
    table = ImportChange.__table__
    changes = select(table).where(table.c.import_id == import_id, table.c.position <= MOST)
    return await keyset(session, changes, page, keys=(Key("position", table.c.position),))


async def is_diff_cut(session: AsyncSession, import_id: UUID) -> bool:
    """Tell whether an import changed more than is kept of it."""
    beyond = exists().where(ImportChange.import_id == import_id, ImportChange.position > MOST)
    return bool(await session.scalar(select(beyond)))


def says_something() -> ColumnElement[bool]:
    """Tell of a change whether anything but the count of changes, or what we compute, differs."""
    untold = cast(sorted(UNTOLD), ARRAY(Text))
    gone, made = (column.op("-")(untold) for column in (RecordChange.before, RecordChange.after))
    return gone.is_distinct_from(made)


def _is_made_up() -> ColumnElement[bool]:
    """Tell whether a row says of itself that it is made up, or its source does."""
    latest = func.coalesce(RecordChange.after, RecordChange.before)
    return func.coalesce(
        latest.op("->>")("is_synthetic").cast(Boolean), Source.standing == Standing.SYNTHETIC, False
    )


def _role_then() -> ColumnElement[Any]:
    """Return one role that whoever made a change held on its day."""
    day = cast(RecordChange.changed_at, Date)
    held = select(func.min(Assignment.role)).where(
        Assignment.account == RecordChange.account,
        Assignment.valid_from <= day,
        or_(Assignment.valid_until.is_(None), Assignment.valid_until > day),
        or_(Assignment.revoked_at.is_(None), Assignment.revoked_at > RecordChange.changed_at),
    )
    return held.correlate(RecordChange).scalar_subquery()
