"""HTTP for whoever asks about themselves."""

from datetime import date, timedelta
from typing import Any

from httpx import AsyncClient

from komuna_shared.testing import Issuer
from tests.registry.conftest import OPS, Bearer, Headers


class TestGetMe:
    async def test_tells_name_assignments_and_where_tasks_are(
        self, reads: AsyncClient, bearer: Bearer
    ) -> None:
        me = bearer("persona:municipal_officer:viti", "registry.me.read")

        found = (await reads.get("/v1/me", headers=me)).json()

        assert found["name"] == "Demo municipal officer, Viti"
        assert found["is_synthetic"] is True
        assert found["roles"] == ["municipal_officer"]
        assert [one["municipality"] for one in found["assignments"]] == ["viti"]
        assert found["tasks"] == {
            name: f"http://localhost:8080/{name}/v1/me/tasks"
            for name in ("registry", "indicators", "referrals")
        }

    async def test_tells_somebody_unknown_that_they_hold_nothing(
        self, reads: AsyncClient, bearer: Bearer
    ) -> None:
        found = (await reads.get("/v1/me", headers=bearer("nobody", "registry.me.read"))).json()

        assert (found["name"], found["assignments"], found["roles"]) == (None, [], [])

    async def test_does_not_take_a_subject_of_another_issuer_for_ours(
        self, reads: AsyncClient, issuer: Issuer
    ) -> None:
        token = issuer.token(OPS, ["registry.me.read"], iss="https://other.example")

        answer = await reads.get("/v1/me", headers={"Authorization": f"Bearer {token}"})

        assert answer.status_code == 401

    async def test_needs_a_token(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/me")).status_code == 401


class TestListMyTasks:
    async def test_shows_what_ends_soon_to_the_holder_and_to_the_administrator(
        self, client: AsyncClient, ops: Headers, bearer: Bearer
    ) -> None:
        soon = date.today() + timedelta(days=10)  # noqa: DTZ011  Ten days have no time zone.
        made: Any = await client.post(
            "/v1/assignments",
            json={
                "subject": "persona:analyst",
                "role": "municipal_officer",
                "municipality": "viti",
                "valid_from": "2026-01-01",
                "valid_until": soon.isoformat(),
                "source": "Decision",
            },
            headers=ops,
        )

        for subject, waiting in (
            ("persona:analyst", [made.json()["id"]]),
            ("persona:municipal_admin:viti", [made.json()["id"]]),
            ("persona:municipal_admin:peje", []),
        ):
            me = bearer(subject, "registry.me.read")
            found = (await client.get("/v1/me/tasks", headers=me)).json()["items"]
            assert [one["assignment_id"] for one in found] == waiting, subject
