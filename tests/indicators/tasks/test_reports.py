"""What waits for reporters and verifiers."""

from typing import Any

from httpx import AsyncClient

from tests.indicators.journey import Journey


async def tasks(client: AsyncClient, journey: Journey, who: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/me/tasks", headers=journey.headers(who))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


class TestReporter:
    async def test_sees_an_overdue_report_until_it_is_sent(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        [told] = await tasks(client, journey, "officer-prishtine")
        await journey.sent()

        assert told["kind"] == "send_report"
        assert told["label"] == (
            "Send the report of Prishtina for 2026-S1: it was due on 2026-07-15."
        )
        assert told["link"].endswith("/decision-making-posts-demo/reports?period=2026-S1")
        assert told["waiting_since"] == "2026-07-15T22:00:00Z"
        assert await tasks(client, journey, "officer-prishtine") == []

    async def test_sees_a_returned_report_until_it_is_answered(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        made = await journey.sent()
        await journey.returned(made["id"], director_M="Sure?")

        [told] = await tasks(client, journey, "officer-prishtine-2")
        await journey.sent()

        assert (told["kind"], told["link"].rpartition("/")[2]) == ("answer_return", made["id"])
        assert await tasks(client, journey, "officer-prishtine-2") == []

    async def test_sees_nothing_of_other_municipalities(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        made = await journey.sent()
        await journey.returned(made["id"], director_M="Sure?")

        told = await tasks(client, journey, "officer-peje")

        assert [one["kind"] for one in told] == ["send_report"]
        assert await tasks(client, journey, "officer-1") == []


class TestVerifier:
    async def test_sees_what_is_to_be_verified_then_released(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        made = await journey.sent()
        [verify] = await tasks(client, journey, "analyst-2")
        await journey.decide(made["id"])
        [release] = await tasks(client, journey, "analyst-2")
        await journey.release()

        assert (verify["kind"], release["kind"]) == ("verify_report", "release_reports")
        assert "version 1" in verify["label"]
        assert release["label"] == "Release the verified reports for 2026-S1: 1."
        assert await tasks(client, journey, "analyst-2") == []

    async def test_is_not_asked_to_verify_own_work(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        await journey.sent("both")

        assert await tasks(client, journey, "both") == []
