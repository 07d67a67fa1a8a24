"""Files that are loaded again, as `make run` does at each start, after somebody changed things."""

from typing import Any

import pytest
from httpx import AsyncClient

from komuna_deploy.loader.manifest import read_manifests
from komuna_registry.accounts.rules import Role
from komuna_registry.grant import grant_role
from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers, Import

SCOPES = (
    *("registry.offices.write", "registry.institutions.write", "registry.facilities.write"),
    *("registry.activities.write", "registry.contacts.write", "registry.contacts.read"),
    *("registry.imports.write", "registry.assignments.write", "registry.assignments.read"),
)
SECOND = "registry-tests-second-operator"
ACT = {"number": "05/12", "issued_on": "2026-03-02", "title": "Vendim"}
OFFICES = "code,kind,institution,municipality,name_en,name_sq,name_sr_latn,seats,source,locator\n"
LOADED = 'mlg-deputy-minister,deputy_minister,mlg,,"{name}",,,2,s0,L67\n'
ACTIVITY = "/v1/activities/budget-round-table-2020"
INSTITUTION = "/v1/institutions/mlg"
OFFICE = "/v1/offices/mlg-deputy-minister"
FACILITY = "/v1/facilities/demo-health-centre-viti"


@pytest.fixture
def keeper(bearer: Bearer) -> Headers:
    """Somebody real who works for all."""
    return bearer(OPS, *SCOPES)


@pytest.fixture
async def other(registry: ServiceDatabase, issuer: Issuer, bearer: Bearer) -> Headers:
    """Somebody else real who works for all."""
    async with registry.opened() as opened, opened.session() as session:
        await grant_role(session, issuer=issuer.url, subject=SECOND, role=Role.OPS, name="Other")
    return bearer(SECOND, *SCOPES)


@pytest.fixture
def officer(bearer: Bearer) -> Headers:
    """An officer of Viti of the demonstration."""
    return bearer("persona:municipal_officer:viti", *SCOPES)


async def patch(client: AsyncClient, path: str, who: Headers, **changes: Any) -> None:
    tag = (await client.get(path, headers=who)).headers["etag"]
    done = await client.patch(path, json=changes, headers={**who, "If-Match": tag})
    assert done.status_code == 200, done.text


@pytest.fixture
async def changed(
    client: AsyncClient,
    keeper: Headers,
    officer: Headers,
    registry: ServiceDatabase,
) -> dict[str, Any]:
    """What acts said after the files were loaded, by address."""
    named = {"names": {"en": "Ministry for Municipalities"}, "act": ACT}
    await patch(client, INSTITUTION, keeper, renamed_on="2026-03-02", **named)
    await patch(client, "/v1/institutions/mlsw", keeper, names={"en": "Ministry"}, act=ACT)
    await patch(client, OFFICE, keeper, names={"en": "Deputy"}, seats=3)
    await patch(client, ACTIVITY, keeper, topic="Budgets", parties=[])
    await patch(client, FACILITY, officer, settlement="Viti", kind="private")
    survey = (await client.get(FACILITY)).json()["surveys"][-1]["id"]
    survey_path = f"/v1/facility-surveys/{survey}"
    await patch(client, survey_path, officer, follow_up="A lift", findings=[])
    [contact] = await registry.fetch("select id from contact where municipality = 'viti' limit 1")
    contact_path = f"/v1/contacts/{contact['id']}"
    await patch(client, contact_path, officer, email="later@viti.example")
    await client.post(
        "/v1/institutions/age/closures",
        json={"closed_on": "2026-03-02", "act": ACT},
        headers=keeper,
    )
    [role] = await registry.fetch(
        "select s.id from assignment s join account a on a.id = s.account"
        " where a.subject = 'persona:analyst:mlg'"
    )
    path = f"/v1/assignments/{role['id']}"
    tag = (await client.get(path, headers=keeper)).headers["etag"]
    gone = await client.delete(path, headers={**keeper, "If-Match": tag})
    assert gone.status_code == 204
    return {
        one: (await client.get(one, headers=officer)).json()
        for one in (
            *(INSTITUTION, "/v1/institutions/mlsw", OFFICE, ACTIVITY, FACILITY, survey_path),
            *(contact_path, "/v1/institutions/age"),
        )
    }


async def test_files_that_are_loaded_again_leave_what_was_changed_since(
    client: AsyncClient,
    changed: dict[str, Any],
    bring_in: Import,
    keeper: Headers,
    officer: Headers,
    registry: ServiceDatabase,
) -> None:
    for load in read_manifests(services=["registry"]):
        done = await bring_in(load.collection, load.path.read_bytes(), keeper, media=load.media)
        problems = await client.get(f"/v1/imports/{done['id']}/problems", headers=keeper)
        assert done["state"] == "succeeded", (load.name, problems.text[:500])
        assert (done["counts"]["created"], done["counts"]["updated"]) == (0, 0), load.name

    for path, shown in changed.items():
        assert (await client.get(path, headers=officer)).json() == shown, path
    roles = "select from assignment s join account a on a.id = s.account"
    roles += " where a.subject = 'persona:analyst:mlg' and s.revoked_at is null"
    assert not await registry.fetch(roles)


async def test_a_file_that_says_something_else_is_written(
    client: AsyncClient,
    changed: dict[str, Any],
    bring_in: Import,
    keeper: Headers,
    other: Headers,
) -> None:
    name = "Deputy minister, Ministry of Local Government"
    loaded = OFFICES + LOADED.format(name=name)

    again = await bring_in("offices", loaded, keeper)
    theirs = await bring_in("offices", loaded, other)
    newer = await bring_in("offices", OFFICES + LOADED.format(name="Newer"), keeper)

    assert changed[OFFICE]["names"] == {"en": "Deputy"}
    assert [one["state"] for one in (again, theirs, newer)] == ["succeeded"] * 3
    assert [one["counts"]["updated"] for one in (again, theirs, newer)] == [0, 1, 1]
    assert (await client.get(OFFICE)).json()["names"] == {"en": "Newer"}
