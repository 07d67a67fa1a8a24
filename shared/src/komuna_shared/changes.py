"""The feed that others follow: what changed, in an order that no late commit can slip behind.

Each thing has one row for each audience that ever saw it, moved to the end of the order when it
changes. A row becomes visible to the feed once every transaction older than its own has ended, so
a reader never passes a place where something may still appear.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared.access import Principal, public
from komuna_shared.database import Reader
from komuna_shared.errors import GoneError
from komuna_shared.signing import open_sealed, seal
from komuna_shared.tables import change, change_horizon

TOMBSTONES_KEPT = timedelta(days=90)
PUBLIC = "public"
LIMIT = 200
LoadAudiences = Callable[[AsyncConnection, Principal | None], Awaitable[frozenset[str]]]
END_OF_TRANSACTION = 2**63 - 1
_OLDEST_RUNNING = text("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


class ResyncRequiredError(GoneError):
    """The cursor is older than the feed remembers, or was made for other eyes."""

    code = "resync_required"
    detail = "This cursor is too old. Start again without one, or from an export."


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
    """Tell followers the new states of many things, each at most once."""
    for start in range(0, len(changes), 1000):
        await _publish(session, changes[start : start + 1000])


async def _publish(session: AsyncSession, changes: Sequence[Change]) -> None:
    await _leave_other_audiences(session, changes)
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
    new = insert(change).values(rows)
    moved = {
        name: new.excluded[name] for name in ("xid", "seq", "version", "op", "data", "published_at")
    }
    await session.execute(
        new.on_conflict_do_update(index_elements=list(change.primary_key.columns), set_=moved)
    )


async def _leave_other_audiences(session: AsyncSession, changes: Sequence[Change]) -> None:
    """Leave a tombstone, before the new state, to audiences that no longer see these things."""
    names = tuple_(change.c.type, change.c.id, change.c.audience)
    things = tuple_(change.c.type, change.c.id)
    await session.execute(
        update(change)
        .where(
            things.in_([(one.type, one.id) for one in changes]),
            names.not_in([(one.type, one.id, one.audience) for one in changes]),
            change.c.op == "upsert",
        )
        .values(
            op="delete",
            data=None,
            xid=text("pg_current_xact_id()::text::bigint"),
            seq=text("nextval(pg_get_serial_sequence('change', 'seq'))"),
            published_at=func.now(),
        )
    )


class ChangeOut(BaseModel):
    """One change of the feed."""

    op: Literal["upsert", "delete"]
    type: str
    id: str
    version: int
    data: dict[str, Any] | None


class ChangesPage(BaseModel):
    """Where to go on from; fewer items than `limit` mean the end for now."""

    limit: int
    next_cursor: str


class ChangesOut(BaseModel):
    """One page of the feed."""

    items: list[ChangeOut]
    page: ChangesPage


@dataclass(frozen=True)
class Position:
    """A place in the order; everything up to it has been read."""

    xid: int = 0
    seq: int = 0


def write_cursor(position: Position, audiences: frozenset[str], key: bytes) -> str:
    """Return the opaque, signed form of a position, bound to what its reader may see."""
    return seal([position.xid, position.seq, _named(audiences)], key)


def read_cursor(cursor: str, audiences: frozenset[str], key: bytes) -> Position:
    """Return the position, or raise for a forged cursor or one made for other eyes."""
    xid, seq, named = open_sealed(cursor, key)
    if named != _named(audiences):
        raise ResyncRequiredError
    return Position(xid, seq)


def _named(audiences: frozenset[str]) -> str:
    return hashlib.sha256("\n".join(sorted(audiences)).encode()).hexdigest()[:16]


async def list_changes(
    connection: AsyncConnection, since: Position, audiences: frozenset[str], limit: int
) -> tuple[list[ChangeOut], Position]:
    """Return the next changes these audiences may see, and the place after them."""
    if since.xid:
        horizon = select(func.max(change_horizon.c.xid)).scalar_subquery()
        if await connection.scalar(select(horizon >= since.xid)):
            raise ResyncRequiredError
    rows = (
        await connection.execute(
            select(change)
            .where(
                tuple_(change.c.xid, change.c.seq) > tuple_(since.xid, since.seq),
                change.c.xid < _OLDEST_RUNNING,
                change.c.audience.in_(audiences),
            )
            .order_by(change.c.xid, change.c.seq)
            .limit(limit)
        )
    ).all()
    found = [
        ChangeOut(op=row.op, type=row.type, id=row.id, version=row.version, data=row.data)
        for row in rows
    ]
    return found, Position(rows[-1].xid, rows[-1].seq) if rows else since


async def oldest_running(connection: AsyncConnection) -> int:
    """Return the number of the first transaction that a snapshot may not hold."""
    return int((await connection.execute(select(_OLDEST_RUNNING))).scalar_one())


def audiences_of(principal: Principal | None) -> frozenset[str]:
    """Return what a token alone may see: the public, and a service's own scopes."""
    own = principal.scopes if principal and principal.is_service else frozenset[str]()
    return frozenset({PUBLIC} | {scope for scope in own if scope.startswith("service.")})


def changes_router(load_audiences: LoadAudiences | None = None) -> APIRouter:
    """Return the route of a service's feed; `load_audiences` adds to what the token alone shows."""
    router = APIRouter(tags=["changes"], redirect_slashes=False)

    @router.get("/v1/changes")
    async def list_changes_feed(
        request: Request,
        response: Response,
        connection: Reader,
        principal: Annotated[Principal | None, public()],
        since: str | None = None,
        limit: Annotated[int, Query(ge=1)] = 50,
    ) -> ChangesOut:
        """List what changed since a cursor, in the order of commits; public."""
        audiences = audiences_of(principal)
        if load_audiences is not None:
            audiences |= await load_audiences(connection, principal)
        key = request.app.state.settings.key("changes")
        limit = min(limit, LIMIT)
        start = read_cursor(since, audiences, key) if since else Position()
        items, end = await list_changes(connection, start, audiences, limit)
        response.headers["Cache-Control"] = "no-store"
        return ChangesOut(
            items=items,
            page=ChangesPage(
                limit=limit,
                next_cursor=since if since and not items else write_cursor(end, audiences, key),
            ),
        )

    return router


async def forget_tombstones(session: AsyncSession) -> None:
    """Drop what has been gone for longer than the feed remembers; older cursors start again."""
    gone = (
        delete(change)
        .where(change.c.op == "delete", change.c.published_at < func.now() - TOMBSTONES_KEPT)
        .returning(change.c.xid)
        .cte("gone")
    )
    last = await session.scalar(select(func.max(gone.c.xid)))
    if last is not None:
        row = insert(change_horizon).values(id=True, xid=last)
        await session.execute(
            row.on_conflict_do_update(
                index_elements=[change_horizon.c.id],
                set_={"xid": func.greatest(change_horizon.c.xid, row.excluded.xid)},
            )
        )
