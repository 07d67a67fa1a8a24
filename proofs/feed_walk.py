"""Writers whose transactions stay open side by side, and followers who read the feed meanwhile.

One walk is one seed: who begins, writes, ends or reads next is thrown with dice, so that a
transaction with a low number often commits after a follower has seen a higher one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from httpx import AsyncClient
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.models import Assignment
from komuna_registry.accounts.queries import load_caller
from komuna_registry.accounts.rules import Role
from komuna_registry.assignments import operations
from komuna_registry.assignments.schemas import AssignmentIn
from komuna_shared.access import Caller, Principal
from komuna_shared.changes import forget_tombstones
from komuna_shared.database import Database
from komuna_shared.imports import Collection, Row
from komuna_shared.tables import import_job

from .feed_rows import GROUND, OFTEN, ROWS, Cells, Dice
from .feed_states import State, differences, state_of

_MOST_OPEN = 4
WALKER = "proof:walker"


@dataclass
class Follower:
    """Somebody who reads the feed page by page and keeps what it tells."""

    audiences: frozenset[str]
    headers: dict[str, str]
    known: State = field(default_factory=dict)
    cursor: str | None = None
    pages: int = 0
    restarts: int = 0

    async def read(self, client: AsyncClient, limit: int) -> bool:
        """Read one page, from the beginning again when told so; tell whether there was anything."""
        since = {"since": self.cursor} if self.cursor else {}
        answer = await client.get(
            "/v1/changes", params={"limit": limit, **since}, headers=self.headers
        )
        if answer.status_code == 410:
            self.known, self.cursor = {}, None
            self.restarts += 1
            return True
        page = answer.raise_for_status().json()
        for one in page["items"]:
            if one["op"] == "delete":
                self.known.pop((one["type"], one["id"]), None)
            else:
                self.known[one["type"], one["id"]] = (one["version"], one["data"])
        self.pages += 1
        self.cursor = page["page"]["next_cursor"]
        return bool(page["items"])

    async def read_to_end(self, client: AsyncClient) -> None:
        """Read until there is nothing more."""
        while await self.read(client, 200):
            pass


@dataclass
class Walk:
    """A registry with writers and followers in it; `Walk.run` gives its figures."""

    database: Database
    client: AsyncClient
    collections: Mapping[str, Collection[Any]]
    issuer: str
    address: str
    followers: Sequence[Follower]
    dice: Dice
    import_id: UUID = field(default_factory=uuid4)
    writers: list[AsyncSession] = field(default_factory=list)
    figures: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("committed", "late", "lost", "differences"), 0)
    )

    async def run(self, steps: int) -> dict[str, Any]:
        """Walk so many steps; then count what any follower knows otherwise than it is."""
        await self._prepare()
        for _ in range(steps):
            await self.dice.choices(
                (self._begin, self._write, self._end, self._read, self._forget),
                (4, 12, 5, 8, 0.15),
            )[0]()
        while self.writers:
            await self._end()
        wrong = await self._compare()
        pages = sum(one.pages for one in self.followers)
        restarts = sum(one.restarts for one in self.followers)
        more = {"pages": pages, "restarts": restarts, "differences": len(wrong)}
        return {**self.figures, **more, "first": wrong[:3]}

    async def _prepare(self) -> None:
        async with self.database.session() as session:
            file = {"collection": "walk", "media": "text/csv", "dry_run": False}
            sender = {"issuer": self.issuer, "subject": WALKER, "client_id": "walk"}
            sent = {"id": self.import_id, "sha256": "", "size": 0, **file, **sender}
            await session.execute(insert(import_job), sent)
            for name, cells in GROUND:
                await self._bring(session, name, cells)

    async def _begin(self) -> None:
        if len(self.writers) == _MOST_OPEN:
            return
        session = self.database.sessions()
        await session.execute(text("set local lock_timeout = '30ms'"))
        if self.dice.random() < 0.7:
            await session.execute(text("select pg_current_xact_id()"))
        self.writers.append(session)

    async def _write(self) -> None:
        if not self.writers:
            return
        session = self.dice.choice(self.writers)
        doing = self.dice.choices((self._row, self._tried, self._grant, self._revoke), (8, 1, 1, 1))
        try:
            await doing[0](session)
        except DBAPIError:
            # Another open transaction holds the row, or the tables refuse it: all of it is gone.
            self.writers.remove(session)
            self.figures["lost"] += 1
            await session.rollback()
            await session.close()

    async def _row(self, session: AsyncSession) -> None:
        # Services move between audiences: what was for some is gone for them, and there for others.
        name = self.dice.choices(list(ROWS), [OFTEN.get(one, 1) for one in ROWS])[0]
        await self._bring(session, name, ROWS[name](self.dice))

    async def _tried(self, session: AsyncSession) -> None:
        """Write as a dry run does, which leaves nothing."""
        async with session.begin_nested() as trial:
            await self._row(session)
            await trial.rollback()

    async def _grant(self, session: AsyncSession) -> None:
        wanted = AssignmentIn(
            subject=f"proof:{uuid4()}",
            name="Somebody",
            role=Role.ANALYST,
            institution="walk-0",
            valid_from=date(2026, 1, 1),
            valid_until=date(2027, 1, 1) + timedelta(days=self.dice.randrange(100)),
            source="walk",
        )
        await operations.grant_assignment(session, await self._caller(session), wanted)

    async def _revoke(self, session: AsyncSession) -> None:
        held = select(Assignment.id).where(
            Assignment.source == "walk", Assignment.revoked_at.is_(None)
        )
        ids = list(await session.scalars(held.order_by(Assignment.id)))
        if ids:
            caller = await self._caller(session)
            await operations.revoke_assignment(session, caller, self.dice.choice(ids))

    async def _caller(self, session: AsyncSession) -> Caller:
        principal = Principal(self.issuer, WALKER, "walk", frozenset(), "", 0)
        return await load_caller(session, principal)

    async def _bring(self, session: AsyncSession, name: str, cells: Cells) -> None:
        collection = self.collections[name]
        row = Row(2, collection.row_model.model_validate(cells))
        await collection.apply(session, [row], self.import_id)

    async def _end(self) -> None:
        if not self.writers:
            return
        session = self.writers.pop(self.dice.randrange(len(self.writers)))
        if self.dice.random() < 0.8:
            await session.commit()
            self.figures["committed"] += 1
        else:
            await session.rollback()
        await session.close()

    async def _read(self) -> None:
        await self.dice.choice(self.followers).read(self.client, self.dice.choice((1, 5, 50)))

    async def _forget(self) -> None:
        """Forget every tombstone; whoever has not read them must begin again."""
        async with self.database.sessions() as session:
            await session.execute(text("set local lock_timeout = '30ms'"))
            try:
                await session.execute(
                    text("update change set published_at = now() - interval '91 days'")
                )
                await forget_tombstones(session)
                await session.commit()
            except DBAPIError:
                await session.rollback()

    async def _compare(self) -> list[Any]:
        connection = await asyncpg.connect(self.address)
        try:
            wrong: list[Any] = []
            for one in self.followers:
                real = await state_of(connection, one.audiences)
                anew = Follower(one.audiences, one.headers)
                for follower in (one, anew):
                    await follower.read_to_end(self.client)
                    wrong += differences(follower.known, real)
            return wrong
        finally:
            await connection.close()
