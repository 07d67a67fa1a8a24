"""When a building can have been surveyed."""

import pytest
from httpx import AsyncClient

from tests.registry.conftest import OPS, Bearer, Headers
from tests.registry.facilities.test_write_routes import WRITE, codes_of, create, patch, survey


@pytest.fixture
def officer(bearer: Bearer) -> Headers:
    """The headers of an officer of Viti, who is made up."""
    return bearer("persona:municipal_officer:viti", WRITE)


@pytest.fixture
def operator(bearer: Bearer) -> Headers:
    """The headers of somebody real who works for all."""
    return bearer(OPS, WRITE)


class TestSurveys:
    async def test_are_of_a_time_in_which_the_building_may_have_stood(
        self, client: AsyncClient, operator: Headers
    ) -> None:
        times = {"valid_from": "2020", "valid_until": "2024-06"}
        code = (await create(client, operator, **times)).json()["code"]
        path = f"/v1/facilities/{code}"

        for day in ("2019-12-31", "2015..2018", "2024-08", "2026"):
            refused = await survey(client, operator, code, surveyed_on=day, findings=[])
            assert codes_of(refused) == (422, "survey_out_of_time"), day
            assert [one["pointer"] for one in refused.json()["errors"]] == ["/surveyed_on"]
        for day in ("2020-01-01", "2019..2020", "2024-06-30"):
            made = await survey(client, operator, code, surveyed_on=day, findings=[])
            assert made.status_code == 201, made.text
        for end, day in (("valid_from", "2021"), ("valid_until", "2024-05-31")):
            refused = await patch(client, path, operator, **{end: day})
            assert codes_of(refused) == (422, "survey_out_of_time"), day
            assert [one["pointer"] for one in refused.json()["errors"]] == [f"/{end}"]
        assert (await patch(client, path, operator, valid_from="2019")).status_code == 200

    async def test_of_a_new_building_of_the_demonstration_may_be_of_any_day_of_it(
        self, client: AsyncClient, officer: Headers
    ) -> None:
        made = (await create(client, officer)).json()

        assert made["valid_from"] == "2026-01-01"
        done = await survey(client, officer, made["code"], surveyed_on="2026-01-01")
        assert done.status_code == 201
