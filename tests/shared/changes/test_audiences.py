"""The feed: nothing is shown to the wrong eyes."""

from komuna_shared.changes import Change, publish_all
from komuna_shared.database import Database
from tests.shared.changes.feed import EVERYBODY, SECRET, names, read, say


class TestAudience:
    async def test_hides_what_is_for_others(self, database: Database) -> None:
        await say(database, "open")
        await say(database, "secret", audience=SECRET)

        assert names((await read(database))[0]) == ["upsert open"]
        both = EVERYBODY | {SECRET}
        assert names((await read(database, audiences=both))[0]) == ["upsert open", "upsert secret"]

    async def test_deletes_what_leaves_the_readers_sight(self, database: Database) -> None:
        await say(database, "a")
        _, position = await read(database)
        await say(database, "a", version=2, audience=SECRET)

        seen, after = await read(database, position)
        assert names(seen) == ["delete a"]
        assert seen[0].data is None
        assert seen[0].version == 1
        await say(database, "a", version=3, audience=SECRET)
        assert await read(database, after) == ([], after)

    async def test_shows_who_sees_both_sides_the_new_state_last(self, database: Database) -> None:
        both = EVERYBODY | {SECRET}
        await say(database, "a")
        await say(database, "a", version=2, audience=SECRET)
        assert names((await read(database, audiences=both))[0]) == ["delete a", "upsert a"]
        await say(database, "a", version=3)
        assert names((await read(database, audiences=both))[0]) == ["delete a", "upsert a"]
        assert names((await read(database))[0]) == ["upsert a"]

    async def test_keeps_a_tombstone_of_what_was_deleted(self, database: Database) -> None:
        await say(database, "a")
        await say(database, "a", version=2, op="delete")

        [gone] = (await read(database))[0]
        assert (gone.op, gone.version, gone.data) == ("delete", 2, None)

    async def test_takes_many_at_once(self, database: Database) -> None:
        async with database.session() as session:
            await publish_all(
                session, [Change("note", str(number), 1, {"n": number}) for number in range(2500)]
            )

        assert [one.id for one in (await read(database))[0]] == [str(n) for n in range(2500)]
