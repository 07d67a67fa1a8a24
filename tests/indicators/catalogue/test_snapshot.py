"""The catalogue in memory."""

from komuna_indicators.catalogue.snapshot import Shelf
from tests.databases import ServiceDatabase


class TestShelf:
    async def test_is_read_while_every_reader_waits_for_it(
        self, read_only: ServiceDatabase
    ) -> None:
        async with read_only.opened(pool_size=1) as database, database.reader():
            assert (await Shelf(database, seconds=0).current()).codes
