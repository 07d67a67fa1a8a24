"""Nobody of the demonstration changes what is real by a file, whichever collection it is of."""

import csv
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient

from komuna_deploy.loader.manifest import read_manifests
from komuna_registry.main import create_api
from komuna_shared.app import serve
from komuna_shared.testing import asgi_client
from tests.databases import Server, ServiceDatabase
from tests.registry.conftest import (
    OPS,
    Bearer,
    Headers,
    Import,
    MakeSettings,
    copy_of,
    importer,
)

FILES = "registry.imports.write"
MISMATCH = "made_up_mismatch"
# Each of these would say another thing of what is real, or take the flag from what is made up.
ATTACKS = {
    "renames": ("institutions", "code,kind,name_en\nmlg,government,Ministry of Nothing\n"),
    "ends": ("institutions", "code,kind,name_en,valid_until\nmlg,government,MLG,2026-02\n"),
    "calls": ("institution_names", "institution,language,form,text\nmlg,en,name,Nothing\n"),
    "subordinates": ("institution_parents", "institution,parent\nmlg,ogg\n"),
    "succeeds": ("institution_successions", "predecessor,successor\ndemo-one,mlg\n"),
    "telephones": ("institution_channels", "institution,kind,value\nmlg,telephone,+38338000000\n"),
    "reseats": ("offices", "code,kind,municipality,name_sq,seats\nmayor-viti,mayor,viti,M,2\n"),
    "rewrites": ("holders", "code,name\nfatbardha-emini,Somebody Else\n"),
    "dates": (
        "tenures",
        (
            "office,seat,holder,attested_on,until,source,locator\n"
            "mlg-deputy-minister,1,fatbardha-emini,2020,2026-02,s0,L67\n"
        ),
    ),
    "claims": ("holders", "code,name,source,locator\nnew-one,New,s0,L1\n"),
    "leaves": (
        "memberships",
        "body,institution,function,attested_on,until\nnaathb,mlg,member,2020,2026-02\n",
    ),
    "states": (
        "mechanism_statements",
        "kind,municipality,aspect,holds,valid_from\nlanguage_link,viti,established,true,2026-02-01\n",
    ),
    "serves": (
        "mechanism_municipalities",
        "mechanism,municipality\nhuman-rights-unit-kllokot,viti\n",
    ),
    "founds": ("municipalities", "slug\natlantis\n"),
    "translates": ("municipality_names", "municipality,language,form,text\nviti,sq,indefinite,X\n"),
    "counts": (
        "municipality_communities",
        (
            "municipality,vintage,counted_on,community,is_majority,method,percent\n"
            "viti,2026,2026-02-01,serb,false,enumerated,60\n"
        ),
    ),
    "settles": ("settlements", "code,kind,name_sq\natlantis,village,Atlantis\n"),
    "speaks": (
        "municipality_languages",
        "municipality,language,is_traditional\nviti,rom,true\n",
    ),
    "orders": ("office_kinds", "code,name_en\nking,King\n"),
    "measures": (
        "accessibility_criteria",
        "code,name_en,is_synthetic\nreal-one,Real one,false\n",
    ),
    "opens": ("mechanisms", "code,kind,name_en,is_synthetic\nx,language_link,X,false\n"),
    "meets": (
        "contacts",
        (
            "municipality,kind,name,email,is_synthetic,valid_from\n"
            "viti,mayor,Real One,a@viti.example,false,2026-02-01\n"
        ),
    ),
}
MADE_UP = {
    "institutions": "code,kind,name_en,valid_from\ndemo-two,government,Two,2026-01-01\n",
    "offices": "code,kind,municipality,name_sq\ndemo-office,mayor,viti,M\n",
    "holders": "code,name\ndemo-holder,Holder Shembull\n",
    "tenures": "office,seat,holder,since\nmayor-viti,1,demo-holder,2026-02\n",
    "sources": "code,title,issuer,language,standing\nmore,More,Komuna,en,synthetic\n",
}


def sourced(body: str) -> str:
    """Return the table with the source of the demonstration in each row, where it has none."""
    head, *rows = body.splitlines()
    if "source" in head or "standing" in head:
        return body
    return "\n".join([f"{head},source,locator", *(f"{row},demonstration,x" for row in rows)])


@pytest.fixture(scope="module")
def registry(postgres: Server, loaded: ServiceDatabase) -> ServiceDatabase:
    """A database with everything loaded, which most of these files leave as it was."""
    return copy_of(postgres, loaded)


@pytest.fixture(scope="module")
async def client(
    registry: ServiceDatabase, make_settings: MakeSettings
) -> AsyncIterator[AsyncClient]:
    """Somebody who speaks to the service of that database."""
    api = serve(create_api(make_settings(registry)))
    async with asgi_client(api, headers={"Accept-Language": "en"}) as one:
        yield one


@pytest.fixture(scope="module")
def bring_in(client: AsyncClient, registry: ServiceDatabase, make_settings: MakeSettings) -> Import:
    """Send a file to that service and let the worker's job run."""
    made: Import = importer(client, registry, make_settings(registry))
    return made


@pytest.fixture
def coordinator(bearer: Bearer) -> Headers:
    """The headers of the demonstration's coordinator."""
    return bearer("persona:coordinator", FILES)


@pytest.fixture
def demo_ops(bearer: Bearer) -> Headers:
    """The headers of the demonstration's operator, who loads nothing."""
    return bearer("persona:ops:government", FILES)


async def problems_of(client: AsyncClient, done: dict[str, Any], headers: Headers) -> set[str]:
    answer = await client.get(f"/v1/imports/{done['id']}/problems", headers=headers)
    return {one["code"] for one in answer.json()["items"]}


class TestKeptApart:
    @pytest.mark.parametrize(("collection", "body"), ATTACKS.values(), ids=ATTACKS)
    async def test_refuses_a_file_that_changes_what_is_real(
        self,
        bring_in: Import,
        client: AsyncClient,
        registry: ServiceDatabase,
        coordinator: Headers,
        collection: str,
        body: str,
    ) -> None:
        made = "code,kind,name_en,valid_from\ndemo-one,government,One,2026-01-01\n"
        await bring_in("institutions", sourced(made), coordinator)
        before = await registry.fetch("select count(*) from record_change")

        done = await bring_in(collection, sourced(body), coordinator)

        assert done["state"] == "failed", done
        assert await problems_of(client, done, coordinator) == {MISMATCH}
        assert await registry.fetch("select count(*) from record_change") == before

    async def test_names_the_row(
        self, bring_in: Import, client: AsyncClient, coordinator: Headers
    ) -> None:
        rows = "demo-one,government,One\nmlg,government,Nothing\ndemo-two,government,Two\n"

        done = await bring_in("institutions", sourced("code,kind,name_en\n" + rows), coordinator)

        answer = await client.get(f"/v1/imports/{done['id']}/problems", headers=coordinator)
        [problem] = answer.json()["items"]
        assert (problem["row"], problem["column"], problem["code"]) == (3, "source", MISMATCH)

    async def test_lets_no_source_turn_real_or_made_up(
        self, bring_in: Import, client: AsyncClient, coordinator: Headers
    ) -> None:
        head = "code,title,issuer,language,standing\n"
        for row in (
            "s0,T,I,en,synthetic\n",
            "demonstration,T,I,en,primary\n",
            "n,T,I,en,primary\n",
        ):
            done = await bring_in("sources", head + row, coordinator)
            assert await problems_of(client, done, coordinator) == {MISMATCH}

    async def test_lets_nobody_make_an_account_real_or_give_a_real_one_a_role(
        self, bring_in: Import, client: AsyncClient, demo_ops: Headers, ops: Headers
    ) -> None:
        account = "subject,name,is_synthetic\n"
        role = "subject,role,institution,valid_from,source\n"
        refused = [
            ("accounts", f"{account}persona:ops:government,Me,false\n"),
            ("accounts", f"{account}somebody,New,false\n"),
            ("accounts", f"{account}{OPS},Operator,true\n"),
            ("assignments", f"{role}{OPS},auditor,government,2026-01-01,x\n"),
        ]
        for collection, body in refused:
            done = await bring_in(collection, body, demo_ops)
            assert await problems_of(client, done, demo_ops) == {MISMATCH}, body
        viewer = await bring_in("accounts", f"{account}persona:viewer,V,true\n", demo_ops)
        lent = f"{role}persona:viewer,auditor,government,2026-01-01,x\n"
        granted = await bring_in("assignments", lent, demo_ops)
        real = await bring_in("accounts", f"{account}somebody,New,false\n", ops)
        assert {one["state"] for one in (viewer, granted, real)} == {"succeeded"}

    async def test_takes_what_is_made_up(
        self, bring_in: Import, client: AsyncClient, coordinator: Headers
    ) -> None:
        for collection, body in MADE_UP.items():
            done = await bring_in(collection, sourced(body), coordinator)
            found = await problems_of(client, done, coordinator)
            assert (done["state"], found) == ("succeeded", set()), collection
            assert done["counts"]["created"] == 1

    async def test_takes_a_file_that_changes_nothing(
        self, bring_in: Import, coordinator: Headers
    ) -> None:
        [load] = [
            one for one in read_manifests(services=["registry"]) if one.collection == "offices"
        ]

        done = await bring_in("offices", load.path.read_bytes(), coordinator, media=load.media)

        with load.path.open(encoding="utf-8", newline="") as rows:
            assert done["counts"]["unchanged"] == sum(1 for _ in csv.DictReader(rows))

    async def test_lets_whoever_is_real_change_both(self, bring_in: Import, ops: Headers) -> None:
        real = "code,kind,name_en,source,locator\nmlg,government,Ministry of Nothing,s0,L1\n"

        for body in (real, sourced(MADE_UP["institutions"])):
            assert (await bring_in("institutions", body, ops))["state"] == "succeeded"
