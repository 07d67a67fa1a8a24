"""What is kept is never older than what anybody could have read."""

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.shelf import AnswerShelf
from tests.databases import Server, ServiceDatabase
from tests.registry.conftest import copy_of

COUNT = "select count(*) from source where note = 'planted'"
PLANT = "update source set note = 'planted' where code = $1"


@pytest.fixture
def database(postgres: Server, loaded: ServiceDatabase) -> ServiceDatabase:
    return copy_of(postgres, loaded)


class Asker:
    """Asks a shelf for how many sources were planted, and counts how often that is looked up."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.shelf = AnswerShelf()
        self.made = 0

    async def ask(self, key: str = "planted") -> int:
        return int(await self.shelf.answer(self._connection, key, self.make))

    async def make(self) -> bytes:
        self.made += 1
        found = await self._connection.exec_driver_sql(COUNT)
        return str(found.scalar_one()).encode()


class TestAnswer:
    async def test_is_made_once_while_nothing_changes(self, database: ServiceDatabase) -> None:
        async with database.opened() as opened, opened.reader() as connection:
            asker = Asker(connection)

            assert [await asker.ask() for _ in range(3)] == [0, 0, 0]
            assert asker.made == 1

    async def test_is_made_anew_after_a_change(self, database: ServiceDatabase) -> None:
        async with database.opened() as opened, opened.reader() as connection:
            asker = Asker(connection)
            assert await asker.ask() == 0

            await database.fetch(PLANT, "s0")

            assert [await asker.ask(), await asker.ask()] == [1, 1]
            assert asker.made == 2

    async def test_is_made_anew_after_a_transaction_that_began_before_it_was_kept(
        self, database: ServiceDatabase
    ) -> None:
        writer = await asyncpg.connect(database.url.replace("+asyncpg", ""))
        async with database.opened() as opened, opened.reader() as connection:
            asker = Asker(connection)
            slow = writer.transaction()
            await slow.start()
            await writer.execute(PLANT, "s0")
            await database.fetch(PLANT, "s1")  # A later one that is there before it.
            assert [await asker.ask(), await asker.ask()] == [1, 1]

            await slow.commit()

            assert [await asker.ask(), await asker.ask()] == [2, 2]
        await writer.close()

    async def test_that_met_a_change_while_it_was_made_is_not_kept(
        self, database: ServiceDatabase
    ) -> None:
        async with (
            database.opened() as opened,
            opened.reader() as connection,
            opened.reader() as other,
        ):
            asker, witness = Asker(connection), Asker(other)
            witness.shelf = asker.shelf

            async def make() -> bytes:
                found = await asker.make()
                await database.fetch(PLANT, "s0")
                await witness.ask("something else")  # Sees the change and clears the shelf.
                return found

            assert await asker.shelf.answer(connection, "planted", make) == b"0"
            assert await asker.ask() == 1
