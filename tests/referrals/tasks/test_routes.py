"""HTTP for what waits for the caller."""

import httpx

from tests.referrals.casework import Headers
from tests.referrals.conftest import PEJE, Grant, Plant


class TestListTasks:
    async def test_hides_what_others_hold(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("investigator")
        own = await plant_case()
        await plant_case(PEJE)

        response = await client.get("/v1/me/tasks", headers=headers("persona:investigator"))

        assert response.status_code == 200
        (task,) = response.json()["items"]
        assert (task["kind"], task["case_id"]) == ("rate_risk", str(own))
        assert task["link"] == f"/referrals/v1/cases/{own}"
        assert response.headers["cache-control"] == "no-store"

    async def test_hides_everything_without_a_ticket(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("investigator")
        await plant_case()

        response = await client.get(
            "/v1/me/tasks", headers=headers("persona:investigator", komuna_ticket="")
        )

        assert (response.status_code, response.json()["items"]) == (200, [])
