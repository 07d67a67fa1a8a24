"""Tenures that come in a file."""

import asyncpg
import pytest
from httpx import AsyncClient

from tests.databases import ServiceDatabase
from tests.registry.conftest import Headers, Import

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
