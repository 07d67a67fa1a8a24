"""Roles that come in a file: from whoever holds the register for good, and from nobody else."""

from httpx import AsyncClient

from komuna_registry.clock import today
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers, Import

from .conftest import LEND, OFFICER, OTHER, READ, lend

HEAD = "subject,role,valid_from,source\n"


class TestAssignments:
    async def test_are_not_granted_by_whom_the_operator_only_lent_the_role(
        self, client: AsyncClient, bring_in: Import, bearer: Bearer
    ) -> None:
        keeper = bearer(OPS, READ, LEND)
        own = (await client.get("/v1/me", headers=keeper)).json()["assignments"][0]["id"]
        borrower = bearer(OTHER, READ, "registry.imports.write")
        assert (await lend(client, keeper, own)).status_code == 201

        rows = f"{OFFICER},ops,{today()},Of my own\n"
        done = await bring_in("assignments", HEAD + rows, borrower)

        problems = await client.get(f"/v1/imports/{done['id']}/problems", headers=borrower)
        [problem] = problems.json()["items"]
        assert (done["state"], problem["code"]) == ("failed", "not_grantable")
        me = await client.get("/v1/me", headers=bearer(OFFICER, READ))
        assert me.json()["roles"] == ["municipal_officer"]

    async def test_that_one_holds_may_stand_unchanged_in_ones_own_file(
        self, client: AsyncClient, bring_in: Import, ops: Headers, registry: ServiceDatabase
    ) -> None:
        [own] = await registry.fetch(
            "select a.subject, role, valid_from::text, source from assignment"
            " join account a on a.id = account where a.subject = $1",
            OPS,
        )
        row = f"{own['subject']},{own['role']},{own['valid_from']},{own['source']}\n"
        kept = await bring_in("assignments", HEAD + row, ops)
        longer = await bring_in("assignments", HEAD + row.replace("\n", " and more\n"), ops)
        other = row.replace(own["valid_from"], "2020-01-01")
        earlier = await bring_in("assignments", HEAD + other, ops)

        assert (kept["state"], kept["counts"]["unchanged"]) == ("succeeded", 1)
        for refused in (longer, earlier):
            found = await client.get(f"/v1/imports/{refused['id']}/problems", headers=ops)
            assert [one["code"] for one in found.json()["items"]] == ["self_grant"]


class TestAccounts:
    async def test_of_whom_the_demonstration_brings_in_are_of_the_demonstration(
        self, client: AsyncClient, registry: ServiceDatabase, lender: Headers, own: str
    ) -> None:
        await lend(client, lender, own, subject="somebody-new", name="Arta Shembull")

        query = "select is_synthetic from account where subject = 'somebody-new'"
        assert [row["is_synthetic"] for row in await registry.fetch(query)] == [True]
