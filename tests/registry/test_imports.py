"""Files that may not come in, and what they leave behind: nothing."""

from uuid import uuid4

import pytest
from httpx import AsyncClient

from komuna_deploy.loader.manifest import read_manifests
from komuna_registry.collections import make_collections
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers, Import, MakeSettings

HEAD = "municipality,vintage,method,persons,note,source,locator\n"
GOOD = "viti,2030,enumerated,5,,general-knowledge,x\n"


class TestImports:
    async def test_refuse_the_wrong_caller(self, client: AsyncClient, bearer: Bearer) -> None:
        scope = "registry.imports.write"
        for headers in (
            bearer("persona:municipal_admin:viti", scope),
            bearer("persona:analyst", scope),
            bearer("nobody", scope),
            bearer("persona:ops"),
        ):
            answer = await client.post(
                "/v1/imports?collection=municipality_populations",
                content=HEAD + GOOD,
                headers={**headers, "Content-Type": "text/csv", "Idempotency-Key": str(uuid4())},
            )
            assert answer.status_code == 403

    @pytest.mark.parametrize("collection", ["accounts", "assignments"])
    async def test_give_nobody_a_role_who_may_not_grant_it(
        self, client: AsyncClient, bearer: Bearer, collection: str
    ) -> None:
        # A coordinator brings in figures and institutions; a file of roles would make them ops.
        coordinator = bearer("persona:coordinator", "registry.imports.write")
        row = "subject,role,valid_from,source\npersona:coordinator,ops,2026-01-01,x\n"

        answer = await client.post(
            f"/v1/imports?collection={collection}",
            content=row,
            headers={**coordinator, "Content-Type": "text/csv", "Idempotency-Key": str(uuid4())},
        )

        assert answer.status_code == 403

    @pytest.mark.parametrize("dataset", ["accounts", "assignments"])
    async def test_show_who_holds_what_to_no_coordinator(
        self, client: AsyncClient, bearer: Bearer, dataset: str
    ) -> None:
        headers = bearer("persona:coordinator", "registry.exports.write")

        answer = await client.post("/v1/exports", json={"dataset": dataset}, headers=headers)

        assert answer.status_code == 403

    @pytest.mark.parametrize(
        ("row", "column", "code"),
        [
            (
                "vitia,2030,enumerated,5,,general-knowledge,x\n",
                "municipality",
                "unknown_municipality",
            ),
            ("viti,2030,enumerated,5,,nowhere,x\n", "source", "unknown_reference"),
            ("viti,2030,enumerated,,,general-knowledge,x\n", "", "missing_value"),
            (GOOD + GOOD, "", "duplicate_row"),
        ],
    )
    async def test_name_row_column_and_code_and_write_nothing(  # noqa: PLR0917
        self,
        bring_in: Import,
        ops: Headers,
        client: AsyncClient,
        registry: ServiceDatabase,
        row: str,
        column: str,
        code: str,
    ) -> None:
        fine = "peje,2030,enumerated,5,,general-knowledge,x\n"

        done = await bring_in("municipality_populations", HEAD + fine + row, ops)

        problems = await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)
        assert done["state"] == "failed"
        assert code in {one["code"] for one in problems.json()["items"]}
        assert all(one["row"] >= 3 for one in problems.json()["items"])
        if column:
            assert {one["column"] for one in problems.json()["items"]} == {column}
        written = "select 1 from municipality_population where vintage = '2030'"
        assert await registry.fetch(written) == []

    async def test_let_nobody_grant_to_themselves(
        self, bring_in: Import, ops: Headers, client: AsyncClient, registry: ServiceDatabase
    ) -> None:
        held = "auditor,government,2026-01-01,x\n"
        rows = f"persona:viewer,{held}{OPS},{held}"
        await bring_in("accounts", "subject,name,is_synthetic\npersona:viewer,V,true\n", ops)

        done = await bring_in(
            "assignments", "subject,role,institution,valid_from,source\n" + rows, ops
        )

        problems = await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)
        found = [(one["row"], one["column"], one["code"]) for one in problems.json()["items"]]
        assert (done["state"], found) == ("failed", [(3, "subject", "self_grant")])
        assert await registry.fetch("select 1 from assignment where source = 'x'") == []

    async def test_write_nothing_in_a_dry_run_and_say_what_they_would(
        self, bring_in: Import, ops: Headers, registry: ServiceDatabase
    ) -> None:
        done = await bring_in("municipality_populations", HEAD + GOOD, ops, dry_run=True)

        assert (done["state"], done["counts"]["created"]) == ("succeeded", 1)
        written = "select 1 from municipality_population where vintage = '2030'"
        assert await registry.fetch(written) == []


class TestMakeCollections:
    def test_has_one_of_each_name(
        self, loaded: ServiceDatabase, make_settings: MakeSettings
    ) -> None:
        names = [one.name for one in make_collections(make_settings(loaded))]

        assert len(names) == len(set(names))
        assert {load.collection for load in read_manifests(services=["registry"])} <= set(names)
