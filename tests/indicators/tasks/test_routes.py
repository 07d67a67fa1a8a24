"""HTTP for what waits for the caller."""

from httpx import AsyncClient

from tests.indicators.conftest import SCOPE, Bearer, Import
from tests.indicators.observations.test_imports import BAD

ME = "indicators.me.read"


class TestListTasks:
    async def test_holds_a_refused_file_until_it_is_gone(
        self, bring_in: Import, bearer: Bearer, client: AsyncClient
    ) -> None:
        headers = bearer("analyst-1", SCOPE, ME)
        done = await bring_in("observations", BAD, headers)

        [told] = (await client.get("/v1/me/tasks", headers=headers)).json()["items"]

        assert told["kind"] == "correct_file"
        assert told["link"] == f"/indicators/v1/imports/{done['id']}/problems"
        assert told["label"] == "Correct the file: 4 problems."

    async def test_hides_what_waits_for_others(
        self, bring_in: Import, bearer: Bearer, client: AsyncClient
    ) -> None:
        await bring_in("observations", BAD, bearer("analyst-1", SCOPE))

        answer = await client.get("/v1/me/tasks", headers=bearer("officer-1", ME))

        assert answer.json()["items"] == []

    async def test_needs_the_scope(self, client: AsyncClient, bearer: Bearer) -> None:
        assert (await client.get("/v1/me/tasks")).status_code == 401
        answer = await client.get("/v1/me/tasks", headers=bearer("analyst-1", SCOPE))
        assert answer.status_code == 403
