"""Reading the feed: from a signed place in its order, through the eyes of its reader."""

import hashlib
from dataclasses import dataclass, replace

from sqlalchemy import select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_shared.access import Principal
from komuna_shared.errors import GoneError
from komuna_shared.signing import open_sealed, seal
from komuna_shared.tables import change, change_horizon

from .publishing import PUBLIC, Change

END_OF_TRANSACTION = 2**63 - 1
_OLDEST_RUNNING = text("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


class ResyncRequiredError(GoneError):
    """The cursor is older than the feed remembers, or was made for other eyes."""

    code = "resync_required"
    detail = "This cursor is too old. Start again without one, or from an export."


@dataclass(frozen=True)
class Position:
    """A place in the order; everything up to it has been read.

    `horizon` is how far tombstones were forgotten when the reader began: it does not miss those.
    """

    xid: int = 0
    seq: int = 0
    horizon: int = 0


def write_cursor(position: Position, audiences: frozenset[str], key: bytes) -> str:
    """Return the opaque, signed form of a position, bound to what its reader may see."""
    return seal([_named(audiences), position.xid, position.seq, position.horizon], key)


def read_cursor(cursor: str, audiences: frozenset[str], key: bytes) -> Position:
    """Return the position, or raise for a forged cursor or one made for other eyes."""
    named, *place = open_sealed(cursor, key)
    if named != _named(audiences):
        raise ResyncRequiredError
    return Position(*place)


def _named(audiences: frozenset[str]) -> str:
    return hashlib.sha256("\n".join(sorted(audiences)).encode()).hexdigest()[:16]


async def list_changes(
    connection: AsyncConnection, since: Position, audiences: frozenset[str], limit: int
) -> tuple[list[Change], Position]:
    """Return the next changes these audiences may see, and the place after them."""
    since = await _check_horizon(connection, since)
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
    found = [Change(row.type, row.id, row.version, row.data, row.op, row.audience) for row in rows]
    return found, replace(since, xid=rows[-1].xid, seq=rows[-1].seq) if rows else since


async def _check_horizon(connection: AsyncConnection, since: Position) -> Position:
    """Raise if tombstones after this place are forgotten; a reader who begins needs none."""
    forgotten = (await connection.execute(select(change_horizon))).one_or_none()
    if forgotten is None:
        return since
    if not since.xid:
        return replace(since, horizon=forgotten.xid)
    has_missed = (forgotten.xid, forgotten.seq) > (since.xid, since.seq)
    if has_missed and forgotten.xid > since.horizon:
        raise ResyncRequiredError
    return since


async def oldest_running(connection: AsyncConnection) -> int:
    """Return the number of the first transaction that a snapshot may not hold."""
    return int((await connection.execute(select(_OLDEST_RUNNING))).scalar_one())


def audiences_of(principal: Principal | None) -> frozenset[str]:
    """Return what a token alone may see: the public, and a service's own scopes."""
    own = principal.scopes if principal and principal.is_service else frozenset[str]()
    return frozenset({PUBLIC} | {scope for scope in own if scope.startswith("service.")})
