"""HTTP for what waits for the caller."""

from datetime import UTC, datetime
from uuid import uuid4

import httpx

from komuna_referrals.cases.models import CaseRecord
from komuna_referrals.tasks.schemas import TaskOut
from tests.referrals.conftest import Grant, Headers, Plant


class TestListTasks:
    async def test_hides_what_the_second_wall_hides(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("investigator")
        await plant_case()

        response = await client.get("/v1/me/tasks", headers=headers("persona:investigator"))

        assert response.status_code == 200
        assert response.json()["items"] == []
        assert response.headers["cache-control"] == "no-store"


class TestTaskOut:
    def test_leads_to_the_case_through_the_gateway(self) -> None:
        case = CaseRecord(id=uuid4(), opened_at=datetime(2026, 3, 1, tzinfo=UTC))

        task = TaskOut.rate_risk(case)

        assert task.kind == "rate_risk"
        assert task.link == f"/referrals/v1/cases/{case.id}"
        assert task.waiting_since == case.opened_at
