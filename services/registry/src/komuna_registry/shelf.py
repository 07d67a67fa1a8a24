"""Answers kept as bytes for as long as nothing in the register has changed."""

from collections.abc import Awaitable, Callable, Hashable
from typing import cast

from fastapi import Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_MOST = 256
# A transaction that began before the last look and committed after it is a change as well: what
# counts is not when a row was written but whether it could be seen then.
_LOOK = text("""
    select pg_current_snapshot()::text as now, exists (
        select from record_change
        cross join (select cast(cast(:then as text) as pg_snapshot) as then) last
        where xid >= pg_snapshot_xmin(last.then)::text::bigint
            and not pg_visible_in_snapshot(xid::text::xid8, last.then)
    ) as is_changed
""")
_NEVER = "1:1:"


class AnswerShelf:
    """The answers of one process that hold at the moment of its last look at the register."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, bytes] = {}
        self._snapshot = _NEVER

    async def answer(
        self, connection: AsyncConnection, key: Hashable, make: Callable[[], Awaitable[bytes]]
    ) -> bytes:
        """Return what is kept under the key and still holds, else what `make` makes of it now.

        Whatever the answer is made of that is not in the register belongs into the key.
        """
        look = (await connection.execute(_LOOK, {"then": self._snapshot})).one()
        if look.is_changed or self._snapshot == _NEVER:
            self._kept, self._snapshot = {}, look.now
        kept, found = self._kept, self._kept.get(key)
        if found is None:
            found = await make()
            # Where somebody saw a change meanwhile, this goes onto the shelf that was left.
            if len(kept) >= _MOST:
                kept.pop(next(iter(kept)), None)
            kept[key] = found
        return found


def shelf_of(request: Request) -> AnswerShelf:
    """Return the shelf of this process."""
    return cast("AnswerShelf", request.app.state.answers)
