"""The feed: things that move between audiences while older transactions still run."""

from sqlalchemy import text

from komuna_shared.changes import publish
from komuna_shared.database import Database
from tests.shared.changes.feed import EVERYBODY, SECRET, names, read, say


class TestAudience:
    async def test_shows_the_new_state_last_though_an_older_transaction_writes_it(
        self, database: Database
    ) -> None:
        await say(database, "a", audience=SECRET)
        async with database.sessions() as older:
            await older.execute(text("select pg_current_xact_id()"))
            # Younger, and committed first: it leaves a tombstone behind the older one's place.
            await say(database, "a", version=2)
            await publish(older, type="note", id="a", version=3, data={"v": 3})
            await older.commit()

        seen, _ = await read(database, audiences=EVERYBODY | {SECRET})

        assert names(seen) == ["delete a", "upsert a"]
        assert names((await read(database))[0]) == ["upsert a"]
