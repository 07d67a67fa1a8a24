"""The feed: nothing is skipped, and whoever replays it has the state."""

import asyncio
import random
from uuid import uuid4

from sqlalchemy import insert, text, update

from komuna_shared.changes import Position, publish
from komuna_shared.database import Database
from tests.databases import ServiceDatabase
from tests.shared.changes.feed import names, read, say
from tests.shared.notes.main import MOMENT
from tests.shared.notes.tables import Note


class TestOrder:
    async def test_waits_for_a_transaction_that_began_earlier_and_commits_later(
        self, database: Database
    ) -> None:
        async with database.sessions() as early:
            # It has its number, and no row yet that anybody could see.
            await publish(early, type="note", id="early", version=1, data={})
            await say(database, "late")
            seen, position = await read(database)
            assert names(seen) == []
            await early.commit()

        seen, _ = await read(database, position)
        assert names(seen) == ["upsert early", "upsert late"]

    async def test_moves_a_thing_that_changes_again_to_the_end(self, database: Database) -> None:
        for one in ("a", "b"):
            await say(database, one)
        _, position = await read(database)
        await say(database, "a", version=2)

        seen, _ = await read(database, position)
        assert [(one.id, one.version, one.data) for one in seen] == [("a", 2, {"v": 2})]
        whole, _ = await read(database)
        assert names(whole) == ["upsert b", "upsert a"]

    async def test_shows_nothing_that_was_rolled_back(self, database: Database) -> None:
        async with database.sessions() as session:
            await publish(session, type="note", id="gone", version=1, data={})
            await session.rollback()

        assert (await read(database))[0] == []

    async def test_is_the_order_of_changes_to_one_thing_whoever_began_first(
        self, database: Database
    ) -> None:
        """The earlier transaction changes the thing last: its state is the one that stays."""
        async with database.sessions() as early:
            await early.execute(text("select pg_current_xact_id()"))
            await say(database, "a", version=1)
            await publish(early, type="note", id="a", version=2, data={"v": 2})
            await early.commit()

        seen, _ = await read(database)
        assert [(one.id, one.version) for one in seen] == [("a", 2)]

    async def test_lets_a_follower_replay_what_many_wrote_at_once(
        self, database: Database, notes: ServiceDatabase
    ) -> None:
        chance = random.Random(7)  # noqa: S311 -- a storm that can be repeated.
        ids = [uuid4() for _ in range(12)]
        async with database.session() as session:
            rows = [{"id": i, "title": str(i), "written_at": MOMENT, "version": 0} for i in ids]
            await session.execute(insert(Note).values(rows))
        done = asyncio.Event()

        async def change() -> None:
            for _ in range(25):
                async with database.session() as session:
                    for one in sorted(chance.sample(ids, 2)):
                        await session.execute(text("select pg_current_xact_id()"))
                        await asyncio.sleep(chance.random() / 200)
                        row = update(Note).where(Note.id == one).values(version=Note.version + 1)
                        version = await session.scalar(row.returning(Note.version))
                        assert version is not None
                        await publish(session, type="note", id=str(one), version=version, data={})
                    if chance.random() < 0.2:
                        await session.rollback()

        async def follow() -> dict[str, int]:
            copy: dict[str, int] = {}
            position = Position()
            while True:
                ended = done.is_set()
                items, position = await read(database, position)
                copy |= {one.id: one.version for one in items}
                if ended:
                    return copy

        following = asyncio.create_task(follow())
        await asyncio.gather(*(change() for _ in range(6)))
        done.set()

        state = await notes.fetch("select id::text, version from note where version > 0")
        assert await following == {row["id"]: row["version"] for row in state}
        assert len(state) == 12
