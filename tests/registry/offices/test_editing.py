"""HTTP for whoever keeps offices."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient, Response

from tests.registry.conftest import OPS, Bearer, Headers

from .conftest import ACT, WRITE, appoint

OFFICE = {
    "kind": "gender_equality_officer",
    "names": {"sq": "Zyrtar për barazi gjinore"},
    "act": ACT,
}


async def create(
    client: AsyncClient, headers: Headers, place: str | None, **changes: Any
) -> Response:
    wanted = OFFICE | {"municipality": place} | changes
    return await client.post("/v1/offices", json=wanted, headers=headers)


async def rename(
    client: AsyncClient, headers: Headers, office: str, tag: str | None, **changes: Any
) -> Response:
    version = {"If-Match": tag} if tag else {}
    wanted = {"names": {"sr-Latn": "Gradonačelnik"}} | changes
    return await client.patch(f"/v1/offices/{office}", json=wanted, headers={**headers, **version})


async def read_tag(client: AsyncClient, path: str) -> str:
    return str((await client.get(path)).headers["etag"])


class TestCreateOffice:
    async def test_records_an_office_that_everybody_sees_with_its_act(
        self, keepers: AsyncClient, officer: Headers, place: str
    ) -> None:
        answer = await create(keepers, officer, place)

        assert answer.status_code == 201
        path = f"/v1/offices/gender-equality-officer-{place}"
        assert answer.headers["location"].endswith(path)
        found = await keepers.get(path)
        assert found.json() == answer.json()
        assert found.headers["etag"] == answer.headers["etag"]
        assert (found.json()["is_vacant"], found.json()["locator"]) == (None, "01-020/26")
        act = (await keepers.get(f"/v1/sources/{found.json()['source']}")).json()
        municipality = await keepers.get(f"/v1/municipalities/{place}", params={"lang": "sq"})
        assert (act["issuer"], act["published_on"], act["title"]) == (
            municipality.json()["label"],
            "2026-03-02",
            "Vendim për emërim",
        )

    async def test_tells_several_of_a_kind_apart_by_their_part(
        self, keepers: AsyncClient, officer: Headers, place: str
    ) -> None:
        director = {"kind": "director_of_directorate"}
        first = await create(keepers, officer, place, **director, part="education")
        second = await create(keepers, officer, place, **director, part="health")

        assert {first.json()["code"], second.json()["code"]} == {
            f"director-of-directorate-{place}-education",
            f"director-of-directorate-{place}-health",
        }
        for part in ("health", None):
            again = await create(keepers, officer, place, **director, part=part)
            assert (again.status_code, again.json()["code"]) == (409, "office_taken")
        beside = await create(keepers, officer, place, kind="mayor", part="second")
        assert beside.json()["code"] == "office_taken"

    async def test_refuses_the_wrong_caller(self, keepers: AsyncClient, bearer: Bearer) -> None:
        for subject in ("persona:municipal_officer:obiliq", "persona:analyst:mlg", "nobody"):
            refused = await create(keepers, bearer(subject, WRITE), "peje")
            assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
        admin = bearer("persona:institution_admin:ogg", WRITE)
        foreign = await create(keepers, admin, None, institution="mlg")
        assert (foreign.status_code, foreign.json()["code"]) == (403, "not_yours")
        reader = bearer("persona:municipal_officer:peje", "registry.me.read")
        assert (await create(keepers, reader, "peje")).status_code == 403
        assert (await create(keepers, {}, "peje")).status_code == 401

    async def test_lets_an_institution_and_the_coordinator_keep_theirs(
        self, keepers: AsyncClient, bearer: Bearer, place: str
    ) -> None:
        admin = bearer("persona:institution_admin:ogg", WRITE)
        own = {"institution": "ogg", "kind": "secretary_general"}

        assert (await create(keepers, admin, None, **own)).json()["owner"]["code"] == "ogg"
        coordinator = bearer("persona:coordinator", WRITE)
        assert (await create(keepers, coordinator, place)).status_code == 201

    async def test_leaves_ministers_to_institutions_and_mayors_to_municipalities(
        self, keepers: AsyncClient, bearer: Bearer, place: str
    ) -> None:
        keeper = bearer("persona:coordinator", WRITE)
        wrong = [("minister", {"municipality": place}), ("mayor", {"institution": "ogg"})]
        for kind, owner in wrong:
            refused = await create(keepers, keeper, None, kind=kind, **owner)
            assert (refused.status_code, refused.json()["code"]) == (422, "office_kind_owner")
            assert [one["pointer"] for one in refused.json()["errors"]] == ["/kind"]
        for kind in ("commission_member", "anti_trafficking_focal_point"):
            made = await create(keepers, keeper, place, kind=kind)
            assert made.status_code == 201, made.text

        listed = (await keepers.get("/v1/office-kinds", params={"limit": 200})).json()["items"]
        owners = {one["code"]: one["owners"] for one in listed}
        assert (owners["minister"], owners["mayor"]) == (["institution"], ["municipality"])
        assert owners["gender_equality_officer"] == ["municipality", "institution"]

    @pytest.mark.parametrize(
        ("changes", "pointer", "code"),
        [
            ({"kind": "king"}, "/kind", "unknown_reference"),
            ({"municipality": "tirane"}, "/municipality", "unknown_reference"),
            ({"municipality": None, "institution": "x"}, "/institution", "unknown_reference"),
            ({"names": {"de": "x"}}, "/names", "unknown_language"),
            ({"names": {}}, "/names", "too_short"),
        ],
    )
    async def test_says_where_something_is_that_is_not_there(
        self, keepers: AsyncClient, bearer: Bearer, changes: dict[str, Any], pointer: str, code: str
    ) -> None:
        answer = await create(keepers, bearer(OPS, WRITE), "peje", **changes)

        assert answer.status_code == 422
        [problem] = answer.json()["errors"]
        assert (problem["pointer"], problem["code"]) == (pointer, code)

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"kind": "king"}, 422, "unknown_reference"),
            ({"names": {}}, 422, "invalid_body"),
            ({"names": {"de": "x"}}, 422, "rule_broken"),
            ({"institution": "ogg"}, 422, "rule_broken"),
            ({"seats": 0}, 422, "invalid_body"),
            ({"act": None}, 422, "invalid_body"),
            ({"act": ACT | {"issued_on": "2999-01-01"}}, 422, "act_in_future"),
            ({"power": "all"}, 422, "unknown_field"),
        ],
    )
    async def test_refuses_what_breaks_a_rule(
        self,
        keepers: AsyncClient,
        bearer: Bearer,
        changes: dict[str, Any],
        status: int,
        code: str,
    ) -> None:
        officer = bearer("persona:municipal_officer:peje", WRITE)
        answer = await create(keepers, officer, "peje", **changes)

        assert (answer.status_code, answer.json()["code"]) == (status, code)


class TestSetOffice:
    async def test_changes_what_is_sent_and_keeps_the_rest(
        self, keepers: AsyncClient, real_officer: Headers, mayor: str
    ) -> None:
        tag = await read_tag(keepers, f"/v1/offices/{mayor}")
        answer = await rename(keepers, real_officer, mayor, tag)

        assert answer.json()["names"]["sr-Latn"] == "Gradonačelnik"
        assert answer.json()["names"]["sq"].startswith("Kryetar i komunës, ")
        assert answer.json()["version"] == 2
        assert answer.headers["etag"] == await read_tag(keepers, f"/v1/offices/{mayor}")
        found = await keepers.get("/v1/offices", params={"q": "Gradonačelnik"})
        assert [one["code"] for one in found.json()["items"]] == [mayor]

    async def test_needs_the_version_that_is_there(
        self, keepers: AsyncClient, officer: Headers, mayor: str
    ) -> None:
        assert (await rename(keepers, officer, mayor, None)).status_code == 428
        assert (await rename(keepers, officer, mayor, '"old"')).status_code == 412

    async def test_lets_one_of_two_editors_win(
        self, keepers: AsyncClient, real_officer: Headers, mayor: str
    ) -> None:
        tag = await read_tag(keepers, f"/v1/offices/{mayor}")

        answers = await asyncio.gather(
            *(
                rename(keepers, real_officer, mayor, tag, names={"en": f"Mayor {n}"})
                for n in range(2)
            )
        )

        assert sorted(one.status_code for one in answers) == [200, 412]
        [won] = [one.json() for one in answers if one.status_code == 200]
        assert (await keepers.get(f"/v1/offices/{mayor}")).json()["names"] == won["names"]

    async def test_refuses_the_wrong_caller(
        self, keepers: AsyncClient, officer: Headers, mayor: str
    ) -> None:
        refused = await rename(keepers, officer, "mayor-obiliq", "*")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
        made_up = await rename(keepers, officer, mayor, "*")
        assert (made_up.status_code, made_up.json()["code"]) == (403, "made_up_mismatch")
        assert (await rename(keepers, {}, mayor, "*")).status_code == 401
        assert (await rename(keepers, officer, "king", "*")).status_code == 404

    async def test_keeps_a_name_and_the_seats_that_were_held(
        self, keepers: AsyncClient, real_officer: Headers, mayor: str
    ) -> None:
        bare = await rename(
            keepers, real_officer, mayor, "*", names=dict.fromkeys(("sq", "sr-Latn", "en"))
        )
        assert (bare.status_code, bare.json()["code"]) == (422, "missing_name")
        await rename(keepers, real_officer, mayor, "*", seats=2)
        await appoint(keepers, real_officer, mayor, seat=2)

        fewer = await rename(keepers, real_officer, mayor, "*", seats=1)

        assert (fewer.status_code, fewer.json()["code"]) == (409, "seats_held")

    async def test_finds_names_of_odd_signs_by_their_first_words(
        self, keepers: AsyncClient, real_officer: Headers, mayor: str
    ) -> None:
        # One sign that stands for eighteen, as often as a name may be long.
        renamed = await rename(keepers, real_officer, mayor, "*", names={"en": "\ufdfa" * 500})
        held = await appoint(keepers, real_officer, mayor, holder={"name": "\ufdfa" * 200})

        assert (renamed.status_code, held.status_code) == (200, 201), renamed.text
