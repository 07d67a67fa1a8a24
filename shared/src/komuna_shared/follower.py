"""Following registry's feed: what is copied and the cursor after it are committed together."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared.access import Assignment, Caller, Principal
from komuna_shared.changes import Change, ResyncRequiredError
from komuna_shared.database import Database
from komuna_shared.http import RefusedError, ServiceClient
from komuna_shared.logging import error_of, log
from komuna_shared.tables import assignment_copy, follower_cursor

FEED = "registry"
_PAGE = 200
_LONGEST_WAIT = 30.0
_READ_AT = select(follower_cursor.c.read_to_end_at).where(follower_cursor.c.feed == FEED)
_OWN = assignment_copy.c
_HELD = (
    select(_OWN.role, _OWN.institution, _OWN.municipality, _OWN.valid_from, _OWN.valid_until)
    .where(
        _OWN.issuer == bindparam("issuer"),
        _OWN.subject == bindparam("subject"),
        _OWN.valid_from <= bindparam("day"),
        or_(_OWN.valid_until.is_(None), _OWN.valid_until > bindparam("day")),
    )
    .order_by(_OWN.id)
)


@dataclass(frozen=True)
class Copy:
    """How one type of thing is copied: `apply` some changes, `clear` before starting again."""

    apply: Callable[[AsyncSession, Sequence[Change]], Awaitable[None]]
    clear: Callable[[AsyncSession], Awaitable[None]]


class Follower:
    """Copies a feed into this service's tables."""

    def __init__(
        self,
        client: ServiceClient,
        database: Database,
        copies: Mapping[str, Copy],
        *,
        interval: float = 1.0,
    ) -> None:
        self._client = client
        self._database = database
        self._copies = copies
        self._interval = interval

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until told to stop; a feed that cannot be read is asked again, more rarely."""
        wait = self._interval
        while not stop.is_set():
            try:
                is_end = await self.step()
                wait = self._interval if is_end else 0.0
            except Exception as error:  # noqa: BLE001 -- the lag tells it, and jobs go on.
                log.warning("follower_waits", **error_of(error))
                wait = min(max(wait, self._interval) * 2, _LONGEST_WAIT)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)

    async def step(self) -> bool:
        """Copy one page in one transaction with the cursor after it; tell whether it is the end."""
        async with self._database.session() as session:
            # Of several workers one reads; the others wait their turn.
            cursor = await _take_cursor(session)
            if cursor is None:
                return True
            try:
                page = await self._read(cursor.value)
            except RefusedError as refused:
                if refused.code != ResyncRequiredError.code:
                    raise
                await self._start_again(session)
                return False
            await self._apply(session, page["items"])
            is_end: bool = len(page["items"]) < page["page"]["limit"]
            await _move_cursor(session, page["page"]["next_cursor"], is_end=is_end)
        return is_end

    async def _read(self, cursor: str | None) -> dict[str, Any]:
        params = {"limit": str(_PAGE)} | ({"since": cursor} if cursor else {})
        page: dict[str, Any] = await self._client.get("/v1/changes", params=params)
        return page

    async def _apply(self, session: AsyncSession, items: Sequence[dict[str, Any]]) -> None:
        # Neighbours of one type go together; the order of the feed stays.
        for type_, group in groupby(items, key=itemgetter("type")):
            copy = self._copies.get(type_)
            if copy is not None:
                await copy.apply(session, [_change(one) for one in group])

    async def _start_again(self, session: AsyncSession) -> None:
        """Read the whole feed once more, and change the copies only when it is all there."""
        log.warning("follower_starts_again")
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = await self._read(cursor)
            items += page["items"]
            cursor = page["page"]["next_cursor"]
            if len(page["items"]) < page["page"]["limit"]:
                break
        for copy in self._copies.values():
            await copy.clear(session)
        await self._apply(session, items)
        await _move_cursor(session, cursor, is_end=True)


@dataclass(frozen=True)
class _Cursor:
    value: str | None


async def _take_cursor(session: AsyncSession) -> _Cursor | None:
    await session.execute(insert(follower_cursor).values(feed=FEED).on_conflict_do_nothing())
    rows = select(follower_cursor.c.cursor).where(follower_cursor.c.feed == FEED)
    taken = (await session.execute(rows.with_for_update(skip_locked=True))).one_or_none()
    return _Cursor(taken.cursor) if taken else None


async def _move_cursor(session: AsyncSession, cursor: str | None, *, is_end: bool) -> None:
    moved: dict[str, Any] = {"cursor": cursor}
    if is_end:
        moved["read_to_end_at"] = datetime.now(UTC)
    await session.execute(
        update(follower_cursor).where(follower_cursor.c.feed == FEED).values(moved)
    )


def _change(item: Mapping[str, Any]) -> Change:
    # Read tolerantly: what the feed adds later is not ours to refuse.
    return Change(
        type=item["type"],
        id=item["id"],
        version=item["version"],
        data=item["data"],
        op=item["op"],
    )


async def lag(connection: AsyncConnection) -> float | None:
    """Return the seconds since the feed was last read to its end, or None if it never was."""
    read_at = await connection.scalar(_READ_AT)
    return None if read_at is None else (datetime.now(UTC) - read_at).total_seconds()


async def _copy_assignments(session: AsyncSession, changes: Sequence[Change]) -> None:
    for one in changes:
        if one.data is None:
            await session.execute(delete(assignment_copy).where(assignment_copy.c.id == one.id))
        else:
            row = insert(assignment_copy).values(
                id=one.id, version=one.version, **_assignment(one.data)
            )
            new = {
                column.name: row.excluded[column.name]
                for column in assignment_copy.columns
                if not column.primary_key
            }
            await session.execute(row.on_conflict_do_update(index_elements=["id"], set_=new))


def _assignment(data: Mapping[str, Any]) -> dict[str, Any]:
    until = data["valid_until"]
    return {
        **{name: data[name] for name in ("issuer", "subject", "role")},
        "institution": data.get("institution"),
        "municipality": data.get("municipality"),
        "valid_from": date.fromisoformat(data["valid_from"]),
        "valid_until": None if until is None else date.fromisoformat(until),
    }


async def _clear_assignments(session: AsyncSession) -> None:
    await session.execute(delete(assignment_copy))


ASSIGNMENTS = Copy(apply=_copy_assignments, clear=_clear_assignments)


async def load_caller(session: AsyncSession | AsyncConnection, principal: Principal) -> Caller:
    """Return the caller with the assignments that are valid today, as last copied."""
    today = datetime.now(ZoneInfo("Europe/Belgrade")).date()
    asked = {"issuer": principal.issuer, "subject": principal.subject, "day": today}
    rows = await session.execute(_HELD, asked)
    return Caller(principal, tuple(Assignment(*row) for row in rows))
