"""What the demonstration says of real offices, and what nobody may say of a document."""

from httpx import AsyncClient

from komuna_registry.clock import today
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers
from tests.registry.test_changes import read_feed

from .conftest import ACT, WRITE, appoint, change

OFFICE = {"kind": "director_of_directorate", "names": {"en": "Director"}, "act": ACT}


class TestTenuresOfTheDemonstration:
    async def test_begin_in_2026(self, keepers: AsyncClient, officer: Headers, mayor: str) -> None:
        made = (await appoint(keepers, officer, mayor)).json()

        for since in ("1999", "2025-12-31", "2025..2027"):
            for refused in (
                await appoint(keepers, officer, mayor, since=since),
                await change(keepers, officer, made["id"], "*", since=since),
            ):
                assert (refused.status_code, refused.json()["code"]) == (422, "synthetic_period")

    async def test_rest_on_something_made_up_and_are_in_no_table_of_real_holders(
        self, keepers: AsyncClient, officer: Headers, mayor: str, place: str
    ) -> None:
        query = {"kind": "mayor", "by": "municipality", "as_of": today().isoformat()}
        before = (await keepers.get("/v1/offices/counts", params=query)).json()
        made = (await appoint(keepers, officer, mayor)).json()

        source = (await keepers.get(f"/v1/sources/{made['source']}")).json()
        assert (source["standing"], made["is_synthetic"]) == ("synthetic", True)
        assert (await keepers.get("/v1/offices/counts", params=query)).json() == before
        told = await keepers.get("/v1/popolo", params={"municipality": place})
        assert "Arta Shembull" not in told.text

    async def test_say_of_a_real_office_neither_that_it_is_held_nor_that_it_is_vacant(
        self, keepers: AsyncClient, officer: Headers, mayor: str
    ) -> None:
        made = (await appoint(keepers, officer, mayor)).json()
        held = (await keepers.get(f"/v1/offices/{mayor}")).json()
        await change(keepers, officer, made["id"], "*", until="2026-10-01")
        left = (await keepers.get(f"/v1/offices/{mayor}")).json()

        assert [one["until"] for one in left["tenures"]] == ["2026-10-01"]
        for office in (held, left):
            assert (office["is_vacant"], office["vacant_since"]) == (None, None)

    async def test_say_so_of_an_office_that_is_made_up_too(
        self, keepers: AsyncClient, officer: Headers, place: str
    ) -> None:
        office = await keepers.post(
            "/v1/offices", json=OFFICE | {"municipality": place}, headers=officer
        )
        code = office.json()["code"]
        await appoint(keepers, officer, code)

        assert (await keepers.get(f"/v1/offices/{code}")).json()["is_vacant"] is False

    async def test_do_not_stand_on_the_real_act_of_that_number(
        self, keepers: AsyncClient, officer: Headers, bearer: Bearer, mayor: str, place: str
    ) -> None:
        made_up = (await appoint(keepers, officer, mayor)).json()
        chair = f"assembly-chair-{place}"
        real = (await appoint(keepers, bearer(OPS, WRITE), chair)).json()

        assert real["source"] != made_up["source"]
        source = (await keepers.get(f"/v1/sources/{real['source']}")).json()
        assert source["standing"] == "primary"
        refused = await change(keepers, officer, real["id"], "*", until="2026-10-01")
        assert (refused.status_code, refused.json()["code"]) == (403, "made_up_mismatch")


class TestWhatIsMadeUp:
    async def test_is_flagged_in_answers_the_feed_and_history(
        self, keepers: AsyncClient, officer: Headers, place: str
    ) -> None:
        wanted = OFFICE | {"municipality": place}
        office = (await keepers.post("/v1/offices", json=wanted, headers=officer)).json()
        tenure = (await appoint(keepers, officer, office["code"])).json()
        holder = tenure["holder"]

        assert office["is_synthetic"] is holder["is_synthetic"] is tenure["is_synthetic"] is True
        told = {(one["type"], one["id"]): one["data"] for one in await read_feed(keepers, {})}
        made = ("office", office["code"]), ("holder", holder["code"]), ("tenure", tenure["id"])
        assert [told[one]["is_synthetic"] for one in made] == [True] * 3
        past = (await keepers.get(f"/v1/offices/{office['code']}/history")).json()["items"]
        assert [one["is_synthetic"] for one in past] == [True, True]

    async def test_is_not_what_a_document_tells(
        self, keepers: AsyncClient, bearer: Bearer, mayor: str
    ) -> None:
        tenure = (await appoint(keepers, bearer(OPS, WRITE), mayor)).json()
        office = (await keepers.get(f"/v1/offices/{mayor}")).json()

        assert not office["is_synthetic"]
        assert not tenure["holder"]["is_synthetic"]
        told = {one["id"]: one["data"] for one in await read_feed(keepers, {})}
        made = mayor, tenure["holder"]["code"], tenure["id"]
        assert [told[one]["is_synthetic"] for one in made] == [False] * 3
        past = (await keepers.get(f"/v1/offices/{mayor}/history")).json()["items"]
        assert not any(one["is_synthetic"] for one in past)


class TestTenuresOfADocument:
    async def test_keep_the_end_that_it_tells(
        self, keepers: AsyncClient, bearer: Bearer, kept: ServiceDatabase, mayor: str
    ) -> None:
        keeper = bearer(OPS, WRITE)
        made = (await appoint(keepers, keeper, mayor, since="2010", until="2014")).json()
        await kept.fetch(
            "update tenure set source = 's4', until_source = null, until_locator = null"
            " where id = $1::uuid",
            made["id"],
        )

        for until in ("2020", None):
            refused = await change(keepers, keeper, made["id"], "*", until=until)
            assert (refused.status_code, refused.json()["code"]) == (409, "stated_by_document")
