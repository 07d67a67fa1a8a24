"""What an import changed, for whoever sent it."""

import pytest
from httpx import AsyncClient

from komuna_registry.history import queries
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers, Import

HEAD = "code,scheme,name_en,source,locator\n"


class TestListImportChanges:
    async def test_shows_what_a_dry_run_would_do_and_a_real_one_did(
        self, client: AsyncClient, bring_in: Import, ops: Headers, registry: ServiceDatabase
    ) -> None:
        await bring_in("regions", HEAD + "moon,other,Moon,s0,L1\n", ops)
        file = HEAD + "moon,other,Mare,s0,L1\nmars,other,Mars,s0,L2\n"
        told = []
        for dry_run in (True, False):
            done = await bring_in("regions", file, ops, dry_run=dry_run)
            answer = await client.get(f"/v1/imports/{done['id']}/diff", headers=ops)
            told.append(answer.json())
            [row] = await registry.fetch("select names from region where code = 'moon'")
            assert ("Moon" in row["names"]) is dry_run

        assert told[0] == told[1]
        assert told[0]["is_cut"] is False
        changed, added = told[0]["items"]
        assert changed == {
            "record_type": "region",
            "record_id": "moon",
            "part": "region",
            "key": {"code": "moon"},
            "op": "update",
            "changes": [{"field": "names", "from": {"en": "Moon"}, "to": {"en": "Mare"}}],
        }
        assert (added["op"], added["record_id"]) == ("insert", "mars")
        assert {"field": "locator", "from": None, "to": "L2"} in added["changes"]

    async def test_leaves_out_what_a_row_never_said_and_what_only_counts(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        file = "institution,language,form,text,source,locator\nisf,en,alias,Facility,s0,x\n"
        done = await bring_in("institution_names", file, ops)

        diff = (await client.get(f"/v1/imports/{done['id']}/diff", headers=ops)).json()["items"]
        past = (await client.get("/v1/institutions/isf/history")).json()["items"]

        assert [one["part"] for one in diff] == ["institution_name"]
        assert {one["field"] for one in diff[0]["changes"]} == {
            *("institution", "language", "form", "text", "source", "locator")
        }
        assert past[0]["part"] == "institution_name"
        assert all(one["from"] or one["to"] for one in past)

    async def test_leaves_no_history_of_a_dry_run(
        self, client: AsyncClient, bring_in: Import, ops: Headers, registry: ServiceDatabase
    ) -> None:
        await bring_in("regions", HEAD + "moon,other,Moon,s0,L1\n", ops, dry_run=True)

        assert not await registry.fetch("select from record_change where record_id = 'moon'")
        assert (await client.get("/v1/regions/moon/history")).status_code == 404

    async def test_says_where_it_was_cut(
        self,
        client: AsyncClient,
        bring_in: Import,
        ops: Headers,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(queries, "MOST", 2)
        rows = "".join(f"moon-{number},other,Moon,s0,L1\n" for number in range(3))
        done = await bring_in("regions", HEAD + rows, ops, dry_run=True)

        told = (await client.get(f"/v1/imports/{done['id']}/diff", headers=ops)).json()

        assert [one["record_id"] for one in told["items"]] == ["moon-0", "moon-1"]
        assert told["is_cut"] is True

    async def test_hides_what_others_sent_and_refuses_the_wrong_scope(
        self, client: AsyncClient, bring_in: Import, ops: Headers, bearer: Bearer
    ) -> None:
        done = await bring_in("regions", HEAD + "moon,other,Moon,s0,L1\n", ops, dry_run=True)
        path = f"/v1/imports/{done['id']}/diff"
        another = bearer("persona:coordinator", "registry.imports.write")

        assert (await client.get(path, headers=another)).status_code == 404
        assert (await client.get(path, headers=bearer(OPS, "registry.me.read"))).status_code == 403
        assert (await client.get(path)).status_code == 401
