"""What an act changes of a tenure, and what it may not."""

import asyncio

from httpx import AsyncClient

from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers

from .conftest import END, WRITE, appoint, change

UNKNOWN = "0197a3c0-0000-7000-8000-000000000000"


class TestSetTenure:
    async def test_ends_it_by_an_act_and_leaves_the_seat_vacant(
        self, keepers: AsyncClient, real_officer: Headers, mayor: str
    ) -> None:
        made = await appoint(keepers, real_officer, mayor)
        answer = await change(
            keepers, real_officer, made.json()["id"], made.headers["etag"], until="2026-09-30"
        )

        ended = answer.json()
        assert (ended["until"], ended["until_locator"], ended["version"]) == (
            "2026-09-30",
            END["number"],
            2,
        )
        assert (ended["source"], ended["since"]) == (made.json()["source"], "2026-03-02")
        office = (await keepers.get(f"/v1/offices/{mayor}")).json()
        assert (office["is_vacant"], office["vacant_since"]) == (True, "2026-09-30")
        assert (await appoint(keepers, real_officer, mayor, since="2026-09-30")).status_code == 201
        assert (await keepers.get(f"/v1/offices/{mayor}")).json()["is_vacant"] is False

    async def test_lets_one_of_two_editors_win(
        self, keepers: AsyncClient, officer: Headers, mayor: str
    ) -> None:
        made = await appoint(keepers, officer, mayor)
        tenure, tag = made.json()["id"], made.headers["etag"]

        answers = await asyncio.gather(
            *(
                change(keepers, officer, tenure, tag, until=day)
                for day in ("2026-08-31", "2026-09-30", "2026-10-31")
            )
        )

        assert sorted(one.status_code for one in answers) == [200, 412, 412]
        [won] = [one for one in answers if one.status_code == 200]
        found = await keepers.get(f"/v1/tenures/{tenure}")
        assert found.json() == won.json()
        assert found.headers["etag"] == won.headers["etag"] != tag

    async def test_needs_the_version_and_the_act(
        self, keepers: AsyncClient, officer: Headers, mayor: str
    ) -> None:
        tenure = (await appoint(keepers, officer, mayor)).json()["id"]

        assert (await change(keepers, officer, tenure, None)).status_code == 428
        assert (await change(keepers, officer, tenure, '"old"')).status_code == 412
        without = await change(keepers, officer, tenure, "*", act=None, until="2026-10")
        assert without.status_code == 422

    async def test_ends_what_a_document_tells_but_does_not_rewrite_it(
        self, keepers: AsyncClient, bearer: Bearer
    ) -> None:
        keeper = bearer(OPS, WRITE)
        office = (await keepers.get("/v1/offices/mayor-obiliq")).json()
        tenure = office["tenures"][0]["id"]

        rewritten = await change(keepers, keeper, tenure, "*", since="2017")
        gone = await keepers.delete(f"/v1/tenures/{tenure}", headers={**keeper, "If-Match": "*"})
        ended = await change(keepers, keeper, tenure, "*", until="2021-12")
        demonstration = bearer("persona:municipal_officer:obiliq", WRITE)
        made_up = await change(keepers, demonstration, tenure, "*", until="2021")

        assert (made_up.status_code, made_up.json()["code"]) == (403, "made_up_mismatch")
        for refused in (rewritten, gone):
            assert (refused.status_code, refused.json()["code"]) == (409, "stated_by_document")
        assert (ended.json()["source"], ended.json()["locator"]) == ("s0", "L186")
        assert ended.json()["until"] == "2021-12"
        act = (await keepers.get(f"/v1/sources/{ended.json()['until_source']}")).json()
        assert act["issuer"] == "Obiliq"

    async def test_refuses_an_end_that_meets_another_or_comes_first(
        self, keepers: AsyncClient, officer: Headers, mayor: str
    ) -> None:
        first = (
            await appoint(keepers, officer, mayor, since="2026-01-05", until="2026-02-28")
        ).json()
        await appoint(keepers, officer, mayor, holder={"name": "Besa Tjetër"})

        longer = await change(keepers, officer, first["id"], "*", until=None)
        sooner = await change(keepers, officer, first["id"], "*", until="2025")

        assert (longer.status_code, longer.json()["code"]) == (409, "tenure_overlap")
        assert (sooner.status_code, sooner.json()["code"]) == (422, "period_order")
        later = await change(keepers, officer, first["id"], "*", since="2027")
        for answer, pointer in ((sooner, "/until"), (later, "/since")):
            assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]

    async def test_refuses_the_wrong_caller(
        self, keepers: AsyncClient, officer: Headers, bearer: Bearer, mayor: str
    ) -> None:
        tenure = (await appoint(keepers, officer, mayor)).json()["id"]
        other = bearer("persona:municipal_officer:peje", WRITE)

        refused = await change(keepers, other, tenure, "*", until="2026-09-30")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
        assert (await change(keepers, {}, tenure, "*")).status_code == 401
        assert (await change(keepers, officer, UNKNOWN, "*")).status_code == 404


class TestCancelTenure:
    async def test_takes_back_what_was_never_true_and_keeps_its_history(
        self, keepers: AsyncClient, officer: Headers, kept: ServiceDatabase, mayor: str
    ) -> None:
        made = await appoint(keepers, officer, mayor)
        path = f"/v1/tenures/{made.json()['id']}"
        gone = await keepers.delete(path, headers={**officer, "If-Match": made.headers["etag"]})

        assert gone.status_code == 204
        assert (await keepers.get(path)).status_code == 404
        assert (await appoint(keepers, officer, mayor, holder={"name": "Besa"})).status_code == 201
        [told] = await kept.fetch("select * from change where id = $1", made.json()["id"])
        assert (told["op"], told["data"]) == ("delete", None)
        history = (await keepers.get(f"/v1/offices/{mayor}/history")).json()["items"]
        assert {"insert", "delete"} <= {one["op"] for one in history}

    async def test_refuses_the_wrong_caller_and_the_wrong_version(
        self, keepers: AsyncClient, officer: Headers, bearer: Bearer, mayor: str
    ) -> None:
        path = f"/v1/tenures/{(await appoint(keepers, officer, mayor)).json()['id']}"
        other = bearer("persona:municipal_admin:peje", WRITE)

        refused = await keepers.delete(path, headers={**other, "If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
        assert (await keepers.delete(path)).status_code == 401
        assert (await keepers.delete(path, headers=officer)).status_code == 428
        stale = await keepers.delete(path, headers={**officer, "If-Match": '"old"'})
        assert stale.status_code == 412
