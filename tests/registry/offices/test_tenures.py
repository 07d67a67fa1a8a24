"""Tenures that come in a file."""

import asyncpg
import pytest
from httpx import AsyncClient

from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers, Import

from .conftest import WRITE, appoint, change

HEAD = "office,seat,holder,since,until,attested_on,is_acting,source,locator\n"


class TestTenures:
    async def test_stand_side_by_side_where_only_the_edges_touch(
        self, bring_in: Import, ops: Headers
    ) -> None:
        row = "osce-head-of-mission,1,kilian-wahl,2020,2021,,,general-knowledge,x\n"

        done = await bring_in("tenures", HEAD + row, ops)

        assert (done["state"], done["counts"]["created"]) == ("succeeded", 1)

    async def test_are_refused_where_both_are_certain(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        row = "osce-head-of-mission,1,kilian-wahl,2009-05,2010,,,general-knowledge,x\n"

        done = await bring_in("tenures", HEAD + row, ops)

        problems = await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)
        [problem] = problems.json()["items"]
        assert done["state"] == "failed"
        assert (problem["row"], problem["column"], problem["code"]) == (
            2,
            "since",
            "tenure_overlap",
        )

    async def test_are_refused_by_the_database_too(self, registry: ServiceDatabase) -> None:
        with pytest.raises(asyncpg.ExclusionViolationError):
            await registry.fetch(
                "insert into tenure (office, seat, holder, certain, possible, is_acting, source, "
                "locator) values ('osce-head-of-mission', 1, 'kilian-wahl', "
                "'[2010-01-01,2010-02-01)', '[2010-01-01,2010-02-01)', false, 's4', 'x')"
            )

    async def test_need_an_office_a_holder_and_a_source_that_are_there(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        row = "king,1,nobody,2009,,,,nowhere,x\n"

        done = await bring_in("tenures", HEAD + row, ops)

        problems = await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)
        assert {one["code"] for one in problems.json()["items"]} == {
            "unknown_reference",
        }

    async def test_end_after_they_begin(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        row = "osce-head-of-mission,1,kilian-wahl,2025,2024,,,general-knowledge,x\n"

        done = await bring_in("tenures", HEAD + row, ops)

        problems = await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)
        assert [one["code"] for one in problems.json()["items"]] == ["period_order"]

    async def test_name_a_seat_that_is_there_and_nobody_made_up_before_2026(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        rows = "osce-head-of-mission,2,kilian-wahl,2026-03,,,,s4,x\n"
        rows += "assembly-chair-peje,1,kilian-wahl,2025-12,,,,demonstration,x\n"
        done = await bring_in("tenures", HEAD + rows, ops)

        problems = await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)
        told = {(one["row"], one["column"], one["code"]) for one in problems.json()["items"]}
        assert told == {(2, "seat", "unknown_seat"), (3, "source", "synthetic_period")}

    async def test_that_an_act_ended_stay_ended_when_the_file_comes_again(
        self, bring_in: Import, ops: Headers, client: AsyncClient, bearer: Bearer
    ) -> None:
        row = "assembly-chair-peje,1,kilian-wahl,2024,,,,s4,x\n"
        await bring_in("tenures", HEAD + row, ops)
        officer = bearer(OPS, WRITE)
        office = (await client.get("/v1/offices/assembly-chair-peje")).json()
        ended = await change(client, officer, office["tenures"][0]["id"], "*", until="2026-09-30")
        after = await appoint(client, officer, "assembly-chair-peje", since="2026-10-01")

        again = await bring_in("tenures", HEAD + row, ops)

        assert (ended.status_code, after.status_code) == (200, 201)
        assert (again["state"], again["counts"]["unchanged"]) == ("succeeded", 1)
        found = (await client.get("/v1/offices/assembly-chair-peje")).json()["tenures"]
        assert [one["until"] for one in found] == ["2026-09-30", None]


class TestOffices:
    async def test_are_of_a_kind_that_their_owner_can_have(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        rows = "x,minister,,peje,X,s0,L1\ny,mayor,mlg,,Y,s0,L1\nz,commission_chair,mlg,,Z,s0,L1\n"
        head = "code,kind,institution,municipality,name_en,source,locator\n"
        done = await bring_in("offices", head + rows, ops)

        problems = await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)
        told = [(one["row"], one["column"], one["code"]) for one in problems.json()["items"]]
        assert told == [(2, "kind", "office_kind_owner"), (3, "kind", "office_kind_owner")]
