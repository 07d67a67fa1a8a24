"""HTTP for what waits for the caller."""

import httpx

from tests.referrals.casework import Headers
from tests.referrals.conftest import PEJE, Grant, Plant
from tests.referrals.team import Team


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

    async def test_names_what_each_side_of_a_referral_has_to_do(self, team: Team) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)
        seen = [await kinds(team)]
        await team.move("isf", which, "delivered")
        await team.move("isf", which, "info_requested", questions=["transport"])
        seen.append(await kinds(team))
        await team.move("isf", which, "declined", reason="no_capacity")
        seen.append(await kinds(team))

        mine = ["rate_risk"]
        assert [one["thbd"] for one in seen] == [
            mine,
            [*mine, "inform_receiver"],
            [*mine, "refer_elsewhere"],
        ]
        assert [one["isf"] for one in seen] == [["answer_referral"], [], []]
        assert [one["pvpt"] for one in seen] == [[], [], []]

    async def test_says_nothing_of_the_case_to_whom_it_is_sealed(self, team: Team) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)

        response = await team.get("isf", "/me/tasks")

        (task,) = response.json()["items"]
        assert (task["case_id"], task["link"]) == (None, f"/referrals/v1/referrals/{which}")
        assert case not in response.text


async def kinds(team: Team) -> dict[str, list[str]]:
    """Return what waits for each institution, in the order of the list."""
    return {
        institution: [
            one["kind"] for one in (await team.get(institution, "/me/tasks")).json()["items"]
        ]
        for institution in ("thbd", "isf", "pvpt")
    }
