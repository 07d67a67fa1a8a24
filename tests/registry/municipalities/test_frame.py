"""Fresh answers from memory."""

from httpx import AsyncClient

from komuna_registry.municipalities.frame import FrameShelf
from tests.databases import ServiceDatabase
from tests.registry.conftest import Headers, Import

HEAD = "municipality,language,form,text,source,locator\n"


class TestFrameShelf:
    async def test_shows_the_list_anew_after_a_change(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        before = await client.get("/v1/municipalities", params={"q": "junik"})

        await bring_in(
            "municipality_names", HEAD + "junik,en,indefinite,Junik Town,general-knowledge,x\n", ops
        )

        after = await client.get(
            "/v1/municipalities",
            params={"q": "junik"},
            headers={"If-None-Match": before.headers["etag"]},
        )
        assert after.status_code == 200
        assert [one["label"] for one in after.json()["items"]] == ["Junik Town"]

    async def test_does_not_ask_again_within_its_time(self, read_only: ServiceDatabase) -> None:
        async with read_only.opened() as database:
            shelf = FrameShelf(database, seconds=60)
            first = await shelf.current()

        # The database is closed: only what is held can be shown.
        assert await shelf.current() is first

    async def test_is_read_while_every_reader_waits_for_it(
        self, read_only: ServiceDatabase
    ) -> None:
        async with read_only.opened(pool_size=1) as database, database.reader():
            assert "viti" in (await FrameShelf(database, seconds=0).current()).entries
