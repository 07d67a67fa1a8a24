"""Writing the feed: in the transaction of the change that it tells of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, delete, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.tables import change, change_horizon

PUBLIC = "public"
TOMBSTONES_KEPT = timedelta(days=90)
_THIS_TRANSACTION = text("pg_current_xact_id()::text::bigint")

_THINGS = tuple_(change.c.type, change.c.id)
_NAMES = tuple_(change.c.type, change.c.id, change.c.audience)
# Leaves a tombstone, before the new state, to audiences that no longer see these things.
_LEAVE = (
    update(change)
    .where(
        _THINGS.in_(bindparam("things")),
        _NAMES.not_in(bindparam("names")),
        # A tombstone of a younger transaction would come after the new state.
        or_(change.c.op == "upsert", change.c.xid > _THIS_TRANSACTION),
    )
    .values(
        op="delete",
        data=None,
        xid=_THIS_TRANSACTION,
        seq=text("nextval(pg_get_serial_sequence('change', 'seq'))"),
        published_at=func.now(),
    )
)
_NEW = insert(change)
_MOVED = ("xid", "seq", "version", "op", "data", "published_at")
_PUBLISH = _NEW.on_conflict_do_update(
    index_elements=list(change.primary_key.columns),
    set_={name: _NEW.excluded[name] for name in _MOVED},
)


@dataclass(frozen=True)
class Change:
    """The latest state of one thing, or that it is gone."""

    type: str
    id: str
    version: int
    data: dict[str, Any] | None
    op: Literal["upsert", "delete"] = "upsert"
    audience: str = PUBLIC


async def publish(  # noqa: PLR0913 -- what one change says.
    session: AsyncSession,
    *,
    type: str,  # noqa: A002 -- the word of the feed.
    id: str,  # noqa: A002
    version: int,
    data: dict[str, Any] | None,
    op: Literal["upsert", "delete"] = "upsert",
    audience: str = PUBLIC,
) -> None:
    """Tell followers the new state of one thing, once this transaction commits."""
    await publish_all(session, [Change(type, id, version, data, op, audience)])


async def publish_all(session: AsyncSession, changes: Sequence[Change]) -> None:
    """Tell followers the new states of many things; of one thing, the last that is given."""
    latest = list({(one.type, one.id): one for one in changes}.values())
    for start in range(0, len(latest), 1000):
        await _publish(session, latest[start : start + 1000])


async def _publish(session: AsyncSession, changes: Sequence[Change]) -> None:
    things = [(one.type, one.id) for one in changes]
    names = [(one.type, one.id, one.audience) for one in changes]
    await session.execute(_LEAVE, {"things": things, "names": names})
    rows = [
        {
            "type": one.type,
            "id": one.id,
            "audience": one.audience,
            "version": one.version,
            "op": one.op,
            "data": None if one.op == "delete" else one.data,
        }
        for one in changes
    ]
    await session.execute(_PUBLISH, rows)


async def forget_tombstones(session: AsyncSession) -> None:
    """Drop what has been gone for longer than the feed remembers; older cursors start again."""
    gone = (
        delete(change)
        .where(change.c.op == "delete", change.c.published_at < func.now() - TOMBSTONES_KEPT)
        .returning(change.c.xid, change.c.seq)
        .cte("gone")
    )
    latest = select(gone).order_by(gone.c.xid.desc(), gone.c.seq.desc()).limit(1)
    last = (await session.execute(latest)).one_or_none()
    if last is None:
        return
    row = insert(change_horizon).values(id=True, xid=last.xid, seq=last.seq)
    await session.execute(
        row.on_conflict_do_update(
            index_elements=[change_horizon.c.id],
            set_={"xid": row.excluded.xid, "seq": row.excluded.seq},
            where=change_horizon.c.xid <= row.excluded.xid,
        )
    )
