"""What callers see of how records changed."""

from typing import Any

import pytest
from httpx import AsyncClient

from komuna_registry.histories import HISTORIES
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers, Import

SCOPE = "registry.history.read"


async def entries(client: AsyncClient, path: str, headers: Headers | None = None) -> Any:
    """Return the whole history of a record."""
    answer = await client.get(path, params={"limit": 200}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


class TestListHistory:
    async def test_tells_what_a_file_brought_and_not_by_whom(self, reads: AsyncClient) -> None:
        told = await entries(reads, "/v1/municipalities/prishtine/history")

        first = told[-1]
        assert (first["op"], first["part"], first["key"]) == (
            "insert",
            "municipality",
            {"slug": "prishtine"},
        )
        assert first["from"] is None
        assert first["to"]["source"] == first["source"]
        assert first["via"].startswith("import:")
        assert {one["by"] for one in told} == {None}
        assert {"municipality_name", "municipality_code"} < {one["part"] for one in told}
        assert [one["id"] for one in told] == sorted((one["id"] for one in told), reverse=True)

    async def test_tells_only_the_columns_that_changed(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        file = "code,scheme,name_en,source,locator\nmoon,other,{name},s0,L1\n"
        await bring_in("regions", file.format(name="Moon"), ops)
        done = await bring_in("regions", file.format(name="Mare"), ops)

        latest, first = await entries(client, "/v1/regions/moon/history")

        assert (latest["op"], latest["version"]) == ("update", 2)
        assert latest["from"] == {"names": {"en": "Moon"}}
        assert latest["to"] == {"names": {"en": "Mare"}}
        assert latest["via"] == f"import:{done['id']}"
        assert (latest["source"], latest["locator"]) == ("s0", "L1")
        assert first["to"]["names"] == {"en": "Moon"}

    async def test_names_people_to_whoever_may_know_and_has_a_role(
        self, reads: AsyncClient, bearer: Bearer
    ) -> None:
        path = "/v1/municipalities/prishtine/history"
        told = await entries(reads, path, bearer(OPS, SCOPE))
        without_role = await entries(reads, path, bearer("persona:nobody", SCOPE))
        without_scope = await entries(reads, path, bearer(OPS, "registry.me.read"))

        assert told[-1]["by"] == {"name": "Operator", "role": "ops"}
        assert {one["by"] for one in (*without_role, *without_scope)} == {None}

    @pytest.mark.parametrize("path", HISTORIES)
    async def test_is_there_for_every_record_of_every_list(
        self, reads: AsyncClient, read_only: ServiceDatabase, path: str
    ) -> None:
        history = HISTORIES[path]
        unknown = await reads.get(f"/v1{path}/no-such/history")
        rows = await read_only.fetch(
            "select record_id from record_change where record_type = $1"
            " and coalesce(audience, 'public') = 'public' limit 1",
            history.type,
        )

        assert unknown.status_code == (401 if history.scope else 404)
        for row in rows if history.scope is None else ():
            assert await entries(reads, f"/v1{path}/{row['record_id']}/history")

    async def test_goes_on_page_by_page(self, reads: AsyncClient) -> None:
        path = "/v1/municipalities/prishtine/history"
        whole = await entries(reads, path)

        page = (await reads.get(path, params={"limit": 2})).json()
        where = {"limit": 2, "cursor": page["page"]["next_cursor"]}
        second = (await reads.get(path, params=where)).json()

        assert page["items"] + second["items"] == whole[:4]


class TestHiding:
    async def test_hides_the_past_of_what_others_may_know(
        self, reads: AsyncClient, read_only: ServiceDatabase, bearer: Bearer
    ) -> None:
        rows = await read_only.fetch("select code from service where audience = 'nrm_member'")
        paths = [f"/v1/directory/services/{row['code']}/history" for row in rows]
        member = bearer("persona:advocate:vaao", "registry.directory.read")

        assert paths
        assert {(await reads.get(path)).status_code for path in paths} == {404}
        assert await entries(reads, paths[0], member)

    async def test_hides_what_was_written_while_it_was_for_fewer(
        self, client: AsyncClient, registry: ServiceDatabase, bearer: Bearer
    ) -> None:
        [row] = await registry.fetch(
            "select code from service where audience = 'nrm_member' limit 1"
        )
        path = f"/v1/directory/services/{row['code']}/history"
        await registry.fetch("update service set audience = 'public' where code = $1", row["code"])
        await registry.fetch("update service set status = 'inactive' where code = $1", row["code"])
        member = bearer("persona:advocate:vaao", "registry.directory.read")

        seen = await entries(client, path)

        assert [one["to"] for one in seen] == [{"status": "inactive"}]
        assert len(await entries(client, path, member)) > 2

    async def test_hides_where_a_shelter_was_before_it_was_one(
        self, client: AsyncClient, registry: ServiceDatabase
    ) -> None:
        await registry.fetch(
            "insert into service (code, institution, type, audience, status, is_confidential,"
            " is_synthetic, names, certain, possible, source, locator, valid_from) values"
            " ('once-open', 'isf', 'food', 'public', 'active', false, true,"
            """ '{"en": "In Nowhereville"}', '[2026-01-01,)', '[2026-01-01,)', 'demonstration',"""
            " 'x', '2026-01-01')"
        )
        await registry.fetch(
            "insert into service_area (service, is_confidential, municipality, source, locator)"
            " values ('once-open', false, 'viti', 'demonstration', 'Nowhereville')"
        )
        path = "/v1/directory/services/once-open/history"
        assert "viti" in (await client.get(path)).text
        await registry.fetch("delete from service_area where service = 'once-open'")
        await registry.fetch(
            "update service set is_confidential = true, locator = 'L1',"
            """ names = '{"en": "Shelter"}' where code = 'once-open'"""
        )
        await registry.fetch("update service set status = 'inactive' where code = 'once-open'")

        answer = await client.get(path)

        assert [one["to"] for one in answer.json()["items"]] == [{"status": "inactive"}]
        assert "viti" not in answer.text
        assert "Nowhereville" not in answer.text
