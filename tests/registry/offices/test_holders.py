"""Who is named as holding an office can be named right, and leaves with the last tenure."""

from httpx import AsyncClient, Response

from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers
from tests.registry.test_changes import read_feed

from .conftest import ACT, END, WRITE, appoint


async def rectify(
    client: AsyncClient, headers: Headers, code: str, tag: str | None, **changes: object
) -> Response:
    version = {"If-Match": tag} if tag else {}
    wanted = {"act": END} | changes
    return await client.patch(f"/v1/holders/{code}", json=wanted, headers={**headers, **version})


async def withdraw(client: AsyncClient, headers: Headers, tenure: str) -> Response:
    return await client.delete(f"/v1/tenures/{tenure}", headers={**headers, "If-Match": "*"})


class TestChangeHolder:
    async def test_corrects_a_name_and_what_is_said_of_somebody_by_an_act(
        self, keepers: AsyncClient, officer: Headers, mayor: str
    ) -> None:
        holder = {"name": "Arta Shembul", "sex": "female", "community": "turkish"}
        made = (await appoint(keepers, officer, mayor, holder=holder)).json()
        code = made["holder"]["code"]
        known = await keepers.get(f"/v1/holders/{code}")

        answer = await rectify(
            keepers, officer, code, known.headers["etag"], name="Arta Shembull", community=None
        )

        told = answer.json()
        assert answer.status_code == 200, answer.text
        assert (told["name"], told["sex"], told["community"]) == ("Arta Shembull", "female", None)
        assert (told["locator"], told["sex_locator"]) == (END["number"], ACT["number"])
        assert (told["community_source"], told["version"]) == (None, 2)
        assert (await keepers.get(f"/v1/holders/{code}")).json() == told
        tenure = (await keepers.get(f"/v1/tenures/{made['id']}")).json()
        assert tenure["holder"]["name"] == "Arta Shembull"
        found = (await keepers.get("/v1/offices", params={"q": "arta shembull"})).json()["items"]
        assert mayor in {one["code"] for one in found}
        feed = {(one["type"], one["id"]): one["data"] for one in await read_feed(keepers, {})}
        assert feed["holder", code]["name"] == "Arta Shembull"

    async def test_wants_the_version_and_an_act(
        self, keepers: AsyncClient, officer: Headers, mayor: str
    ) -> None:
        code = (await appoint(keepers, officer, mayor)).json()["holder"]["code"]

        assert (await rectify(keepers, officer, code, None, name="A")).status_code == 428
        assert (await rectify(keepers, officer, code, '"old"', name="A")).status_code == 412
        assert (await rectify(keepers, officer, code, "*", name="A", act=None)).status_code == 422
        same = await rectify(keepers, officer, code, "*", name="Arta Shembull", sex=None)
        assert (same.status_code, same.json()["version"]) == (200, 1)

    async def test_refuses_the_wrong_caller(
        self,
        keepers: AsyncClient,
        officer: Headers,
        real_officer: Headers,
        bearer: Bearer,
        mayor: str,
    ) -> None:
        code = (await appoint(keepers, officer, mayor)).json()["holder"]["code"]
        other = bearer("persona:municipal_officer:peje", WRITE)

        for headers, status, why in (
            (other, 403, "not_yours"),
            (real_officer, 403, "made_up_mismatch"),
            (bearer("persona:municipal_officer:peje", "registry.me.read"), 403, None),
            ({}, 401, None),
        ):
            refused = await rectify(keepers, headers, code, "*", name="A")
            assert refused.status_code == status
            assert why is None or refused.json()["code"] == why
        assert (await rectify(keepers, officer, "nobody", "*", name="A")).status_code == 404

    async def test_leaves_to_whoever_works_for_all_whom_a_document_names(
        self,
        keepers: AsyncClient,
        bearer: Bearer,
        kept: ServiceDatabase,
        real_officer: Headers,
        mayor: str,
    ) -> None:
        made = (await appoint(keepers, real_officer, mayor)).json()
        code = made["holder"]["code"]
        await kept.fetch("update holder set source = 's4' where code = $1", code)

        refused = await rectify(keepers, real_officer, code, "*", name="Arta")
        done = await rectify(keepers, bearer(OPS, WRITE), code, "*", name="Arta")

        assert (refused.status_code, refused.json()["code"]) == (409, "stated_by_document")
        assert (done.status_code, done.json()["locator"]) == (200, END["number"])

    async def test_is_for_whoever_keeps_every_office_of_theirs(
        self, keepers: AsyncClient, bearer: Bearer, real_officer: Headers, mayor: str
    ) -> None:
        made = (await appoint(keepers, real_officer, mayor)).json()
        code, ops = made["holder"]["code"], bearer(OPS, WRITE)
        await appoint(keepers, ops, "mayor-peje", holder=code, since="2030", until="2031")

        refused = await rectify(keepers, real_officer, code, "*", name="Arta")

        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")


class TestForgetHolder:
    async def test_goes_with_the_last_tenure_that_names_somebody(
        self, keepers: AsyncClient, officer: Headers, mayor: str, place: str
    ) -> None:
        first = (await appoint(keepers, officer, mayor)).json()
        code = first["holder"]["code"]
        chair = f"assembly-chair-{place}"
        second = (await appoint(keepers, officer, chair, holder=code)).json()

        await withdraw(keepers, officer, first["id"])
        assert (await keepers.get(f"/v1/holders/{code}")).status_code == 200
        await withdraw(keepers, officer, second["id"])

        assert (await keepers.get(f"/v1/holders/{code}")).status_code == 404
        told = [one for one in await read_feed(keepers, {}) if one["id"] == code]
        assert [(one["op"], one["data"]) for one in told] == [("delete", None)]

    async def test_stays_while_a_body_names_them(
        self, keepers: AsyncClient, officer: Headers, kept: ServiceDatabase, mayor: str
    ) -> None:
        made = (await appoint(keepers, officer, mayor)).json()
        code = made["holder"]["code"]
        await kept.fetch(
            "insert into membership (body, holder, function, since, certain, possible, source,"
            " locator) values ('naathb', $1, 'member', '2026', '[2026-12-31,)', '[2026-01-01,)',"
            " 'demonstration', 'x')",
            code,
        )

        await withdraw(keepers, officer, made["id"])

        assert (await keepers.get(f"/v1/holders/{code}")).status_code == 200

    async def test_can_be_asked_for_where_nothing_names_them(
        self,
        keepers: AsyncClient,
        bearer: Bearer,
        officer: Headers,
        kept: ServiceDatabase,
        mayor: str,
    ) -> None:
        made = (await appoint(keepers, officer, mayor)).json()
        coordinator = {**bearer("persona:coordinator", WRITE), "If-Match": "*"}
        path = f"/v1/holders/{made['holder']['code']}"

        named = await keepers.delete(path, headers=coordinator)
        await kept.fetch("delete from tenure where id = $1::uuid", made["id"])
        mere = await keepers.delete(path, headers={**officer, "If-Match": "*"})
        without = await keepers.delete(path, headers=bearer("persona:coordinator", WRITE))
        gone = await keepers.delete(path, headers=coordinator)

        assert (named.status_code, named.json()["code"]) == (409, "holder_named")
        assert (mere.status_code, mere.json()["code"]) == (403, "not_yours")
        assert (without.status_code, gone.status_code) == (428, 204)
        assert (await keepers.get(path)).status_code == 404
        past = await kept.fetch(
            "select op from record_change where record_type = 'holder' and record_id = $1"
            " order by id",
            made["holder"]["code"],
        )
        assert [row["op"] for row in past] == ["insert", "delete"]
