"""Memberships that come in a file, and that end with their body or their member."""

import pytest
from httpx import AsyncClient

from tests.registry.conftest import Headers, Import
from tests.registry.memberships.test_routes import members
from tests.registry.test_changes import read_feed

HEAD = "body,institution,municipality,holder,function,since,until,attested_on,source,locator\n"
BODIES = "code,kind,name_en,valid_from,valid_until,source,locator\n"
OPEN = "naathb,moj,,,member,2015,,,general-knowledge,x\n"
BOTH = (
    "panel,government,Panel,2010,2024-06-30,general-knowledge,x\n"
    "office,government,Office,2010,2022,general-knowledge,x\n"
)


class TestMemberships:
    @pytest.mark.parametrize(
        ("row", "column", "code"),
        [
            ("naathb,moj,peje,,member,2015,,,s0,x\n", "", "one_member"),
            ("naathb,,,,member,2015,,,s0,x\n", "", "one_member"),
            ("naathb,naathb,,,member,2015,,,s0,x\n", "", "one_member"),
            ("naathb,moj,,,member,,,,s0,x\n", "", "missing_value"),
            ("naathb,moj,,,member,2015,2014,,s0,x\n", "", "period_order"),
            ("naathb,moj,,,king,2015,,,s0,x\n", "function", "unknown_code"),
            ("naathb,kgb,,,member,2015,,,s0,x\n", "institution", "unknown_reference"),
        ],
    )
    async def test_are_refused_where_they_cannot_be(
        self,
        bring_in: Import,
        ops: Headers,
        client: AsyncClient,
        row: str,
        column: str,
        code: str,
    ) -> None:
        done = await bring_in("memberships", HEAD + row, ops)

        problems = (await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)).json()
        assert [(one["column"], one["code"]) for one in problems["items"]] == [(column, code)]

    async def test_end_with_their_body_and_their_member_and_stay_so(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        still = "office,government,Office,2010,,general-knowledge,x\n"
        await bring_in("institutions", BODIES + BOTH.replace("2024-06-30", "") + still, ops)
        still = BOTH.replace(",2024-06-30,", ",,").replace(",2022,", ",,")
        await bring_in("institutions", BODIES + still, ops)
        rows = HEAD + (
            "panel,office,,,member,2015,,,general-knowledge,x\n"
            "panel,moj,,,member,2015,2020-01-01,,general-knowledge,x\n"
            "panel,,peje,,observer,2016,,,general-knowledge,x\n"
        )
        await bring_in("memberships", rows, ops)
        assert {one["until"] for one in await members(client, body="panel")} == {None, "2020-01-01"}

        await bring_in("institutions", BODIES + BOTH, ops)
        ended = {one["member"]["code"]: one["until"] for one in await members(client, body="panel")}
        again = await bring_in("memberships", rows, ops)

        assert ended == {"office": "2022", "moj": "2020-01-01", "peje": "2024-06-30"}
        found = await members(client, body="panel")
        assert again["state"] == "succeeded"
        assert {one["member"]["code"]: one["until"] for one in found} == ended
        assert await members(client, body="panel", as_of="2024-07-01") == []
        told = {
            one["data"]["until"]
            for one in await read_feed(client, {})
            if one["type"] == "membership" and one["data"]["body"] == "panel"
        }
        assert told == set(ended.values())

    async def test_keep_an_institution_open_that_was_seen_as_a_member_later(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        row = "naathb,government,NAATHB,2008,2019,s0,L160\n"

        done = await bring_in("institutions", BODIES + row, ops)

        problems = (await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)).json()
        assert done["state"] == "failed"
        assert [(one["column"], one["code"]) for one in problems["items"]] == [
            ("valid_until", "period_order")
        ]
        assert (await client.get("/v1/institutions/naathb")).json()["valid_until"] is None

    async def test_do_not_begin_after_their_body_has_ended(
        self, bring_in: Import, ops: Headers
    ) -> None:
        await bring_in("institutions", BODIES + BOTH, ops)

        done = await bring_in("memberships", HEAD + OPEN.replace("naathb", "panel"), ops)
        late = OPEN.replace("naathb", "panel").replace("2015", "2025")
        refused = await bring_in("memberships", HEAD + late, ops)

        assert (done["state"], refused["state"]) == ("succeeded", "failed")
