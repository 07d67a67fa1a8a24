"""The files that buildings and surveys come in."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.registry.conftest import Bearer, Headers, Import

FACILITIES = "code,municipality,kind,name_sq,valid_from,is_synthetic,source,locator\n"
SURVEYS = "facility,is_synthetic,surveyed_on,access,decision,decided_on,source,locator\n"
FINDINGS = "facility,surveyed_on,criterion,result,barrier,source,locator\n"
OWN = "hall,viti,public,Salla,2026-02-01,true,demonstration,x\n"


@pytest.fixture
def officer(bearer: Bearer) -> Headers:
    """The headers of an officer of Viti who sends files."""
    return bearer("persona:municipal_officer:viti", "registry.imports.write")


async def problems_of(client: AsyncClient, done: dict[str, Any], who: Headers) -> list[Any]:
    found = await client.get(f"/v1/imports/{done['id']}/problems", headers=who)
    return [(one["row"], one["column"] or "", one["code"]) for one in found.json()["items"]]


class TestFacilities:
    async def test_are_sent_by_officers_for_their_own_municipality_alone(
        self, client: AsyncClient, bring_in: Import, officer: Headers
    ) -> None:
        rows = OWN + "palace,peje,public,Pallati,2026-02-01,true,demonstration,x\n"
        taken = "demo-school-prizren,viti,public,Shkolla,2026-02-01,true,demonstration,x\n"

        refused = await bring_in("facilities", FACILITIES + rows + taken, officer)
        done = await bring_in("facilities", FACILITIES + OWN, officer)

        assert await problems_of(client, refused, officer) == [
            (3, "municipality", "not_yours"),
            (4, "municipality", "not_yours"),
        ]
        assert done["counts"]["created"] == 1
        school = (await client.get("/v1/facilities/demo-school-prizren")).json()
        assert school["municipality"]["slug"] == "prizren"
        foreign = "demo-school-prizren,true,2026-05,not,,,demonstration,x\n"
        refused = await bring_in("facility_surveys", SURVEYS + foreign, officer)
        assert await problems_of(client, refused, officer) == [(2, "facility", "not_yours")]

    async def test_of_the_demonstration_do_not_pass_for_real_ones(
        self, client: AsyncClient, bring_in: Import, officer: Headers, ops: Headers
    ) -> None:
        real = OWN.replace("true,demonstration", "false,s0")
        refused = await bring_in("facilities", FACILITIES + real, officer)
        await bring_in("facilities", FACILITIES + real, ops)
        survey = "hall,false,2026-05,accessible,,,s0,x\n"
        judged = await bring_in("facility_surveys", SURVEYS + survey, officer)

        expected = "made_up_mismatch"
        assert await problems_of(client, refused, officer) == [(2, "municipality", expected)]
        assert await problems_of(client, judged, officer) == [(2, "facility", expected)]

    async def test_bring_surveys_and_what_they_found_in_files_that_agree(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        await bring_in("facilities", FACILITIES + OWN, ops)
        rows = (
            "hall,true,2026-03-01,accessible,,,demonstration,x\n"
            "hall,false,2026-04-01,partly,,,demonstration,x\n"
            "hall,true,2020-04-01,partly,,,demonstration,x\n"
            "hall,true,2026-04-02,partly,,2026-01-01,demonstration,x\n"
        )
        refused = await bring_in("facility_surveys", SURVEYS + rows, ops)
        await bring_in("facility_surveys", SURVEYS + rows.splitlines()[0] + "\n", ops)
        found = (
            "hall,2026-03-01,demo-lift,not_met,,demonstration,x\n"
            "hall,2026-03-02,demo-lift,met,,demonstration,x\n"
            "hall,2026-03-01,,met,,demonstration,x\n"
            "hall,2026-03-01,throne,met,,demonstration,x\n"
        )
        contradicted = await bring_in("facility_findings", FINDINGS + found, ops)

        assert await problems_of(client, refused, ops) == [
            (3, "is_synthetic", "synthetic_period"),
            (4, "", "synthetic_period"),
            (5, "", "missing_value"),
        ]
        assert await problems_of(client, contradicted, ops) == [
            (2, "result", "result_contradicts"),
            (3, "surveyed_on", "unknown_reference"),
            (4, "", "missing_value"),
            (5, "criterion", "unknown_reference"),
        ]

    async def test_tell_of_no_survey_of_a_building_that_did_not_stand(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        real = OWN.replace("true,demonstration", "false,s0")
        await bring_in("facilities", FACILITIES + real, ops)
        rows = "hall,false,2026-01-31,partly,,,s0,x\nhall,false,2026-02,partly,,,s0,x\n"
        early = await bring_in("facility_surveys", SURVEYS + rows, ops)
        done = await bring_in("facility_surveys", SURVEYS + rows.splitlines()[1] + "\n", ops)
        later = real.replace("2026-02-01", "2026-03-01")
        late = await bring_in("facilities", FACILITIES + later, ops)

        assert done["counts"]["created"] == 1
        expected = "survey_out_of_time"
        assert await problems_of(client, early, ops) == [(2, "surveyed_on", expected)]
        assert await problems_of(client, late, ops) == [(2, "valid_from", expected)]
