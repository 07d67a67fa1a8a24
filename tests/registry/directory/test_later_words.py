"""What is written after a confidential service, from elsewhere, and would tell its place."""

import random
from typing import Any

import pytest
from httpx import AsyncClient

from tests.registry.conftest import OPS, Bearer, Headers, Import
from tests.registry.directory.looking import looks, read_all, told
from tests.registry.directory.test_secrecy import GOOD, SCOPES, SERVICE, WELL, refusal

ACT = {"number": "05/12", "issued_on": "2026-03-02", "title": "Vendim"}
RENAMED = "code,kind,municipality,name_en,name_sr_latn,source,locator"
CALLED = "institution,language,form,text,source,locator"
SOURCED = "code,title,issuer,language,standing,url,note"
# What is written after the shelter, from elsewhere: the file, its row, and the refused column.
LATER = [
    ("institutions", RENAMED, "isf,shelter,,House in Gjakova,,s0,x", "name_en"),
    ("institutions", RENAMED, "isf,shelter,,House,Kuća u Đakovici,s0,x", "name_sr_latn"),
    ("institutions", RENAMED, "isf,shelter,gjakove,House,,s0,x", "municipality"),
    ("institution_names", CALLED, "isf,en,alias,Gjakova house,s0,x", "text"),
    ("institution_names", CALLED, "isf,sq,name,Shtëpia e Gjakovës,s0,x", "text"),
    ("sources", SOURCED, "demonstration,Lease in Gjakova,X,en,synthetic,,", "title"),
    ("sources", SOURCED, "demonstration,Lease,X,en,synthetic,,Rr. Nëna Terezë", "note"),
    ("sources", SOURCED, "demonstration,Lease,X,en,synthetic,https://gjakova.example,", "url"),
    ("settlements", "code,kind,name_sq,source,locator", "x,village,Hidden,s0,x", "name_sq"),
    (
        "municipality_aliases",
        "municipality,text,kind,source,locator",
        "gjakove,Hidden,other,s0,x",
        "text",
    ),
    (
        "municipality_names",
        "municipality,language,form,text,source,locator",
        "gjakove,en,indefinite,Hidden,s0,x",
        "text",
    ),
]


@pytest.fixture
def everybody(bearer: Bearer) -> dict[str, Headers]:
    return {
        "nobody": {},
        "registered": bearer("persona:analyst:mlg", *SCOPES),
        "member": bearer("persona:advocate:vaao", *SCOPES),
        "ops": bearer(OPS, *SCOPES),
    }


class TestLaterWords:
    """A shelter that tells nothing, and everything that could make it tell afterwards."""

    async def test_are_refused_in_any_order_and_tell_nobody(
        self, client: AsyncClient, bring_in: Import, ops: Headers, everybody: dict[str, Headers]
    ) -> None:
        service = WELL.format(**{**GOOD, "name": "Hidden house"})
        assert (await bring_in("services", f"{SERVICE}\n{service}\n", ops))["counts"]["created"]
        before = {who: await self._look(client, headers) for who, headers in everybody.items()}
        dice = random.Random(4)  # noqa: S311
        for collection, columns, row, refused in dice.sample(LATER, len(LATER)):
            body = f"{columns}\n{row}\n"
            problems = await refusal(client, bring_in, ops, collection, body)
            found = {(one["column"], one["code"]) for one in problems}
            assert found == {(refused, "confidential_place")}, (collection, row, problems)

        for who, headers in everybody.items():
            assert await self._look(client, headers) == before[who], who

    async def test_leave_other_institutions_and_other_words_alone(
        self, bring_in: Import, ops: Headers
    ) -> None:
        for collection, columns, row in (
            ("institutions", RENAMED, "isf,shelter,,Interim facility,,s0,x"),
            ("institutions", RENAMED, "house-x,shelter,gjakove,House in Gjakova,,s0,x"),
            ("institution_names", CALLED, "house-x,en,alias,Gjakova house,s0,x"),
            ("settlements", "code,kind,name_sq,source,locator", "x,village,Drobesh i Ri,s0,x"),
        ):
            done = await bring_in(collection, f"{columns}\n{row}\n", ops)
            assert done["state"] == "succeeded", row

    @pytest.mark.parametrize(
        ("changes", "pointers"),
        [
            ({"names": {"en": "House in Gjakova"}}, ["/names/en"]),
            ({"names": {"sr-Latn": "Kuća u Đakovici"}}, ["/names/sr-Latn"]),
            (
                {"names": {"en": "House"}, "act": ACT | {"title": "Shtëpia në Gjakovë"}},
                ["/act/title"],
            ),
        ],
    )
    async def test_are_refused_where_an_institution_is_renamed(
        self, client: AsyncClient, bearer: Bearer, changes: dict[str, Any], pointers: list[str]
    ) -> None:
        keeper = bearer(OPS, "registry.institutions.write")
        shown = await client.get("/v1/institutions/isf")
        headers = {**keeper, "If-Match": shown.headers["etag"]}

        refused = await client.patch(
            "/v1/institutions/isf", json={"act": ACT} | changes, headers=headers
        )

        assert (refused.status_code, refused.json()["code"]) == (422, "confidential_place")
        assert [one["pointer"] for one in refused.json()["errors"]] == pointers
        assert (await client.get("/v1/institutions/isf")).json() == shown.json()

    @staticmethod
    async def _look(client: AsyncClient, headers: Headers) -> list[Any]:
        hidden = [{"code": "safe", "institution": "isf"}]
        asked = looks(hidden, {}, {}, {"search": "hidden"})
        answers = [
            told(await one.of(client, headers)) for one in asked if one.path[-7:] != "exports"
        ]
        return [*answers, await read_all(client, headers)]
