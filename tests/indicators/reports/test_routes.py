"""HTTP for the reports of an obligation."""

from httpx import AsyncClient

from tests.indicators.journey import OBLIGATION, PERIOD, Journey

PATH = f"/v1/obligations/{OBLIGATION}/reports"


class TestListReports:
    async def test_knows_every_municipality_and_its_state(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        await journey.verified()
        await journey.sent("officer-peje", "peje")

        told = (await client.get(PATH, params={"period": PERIOD})).json()
        found = {one["municipality"]: one for one in told["items"]}

        assert len(found) == 38
        assert (found["prishtine"]["state"], found["peje"]["state"]) == ("late", "received")
        assert {
            one["state"] for slug, one in found.items() if slug not in {"prishtine", "peje"}
        } == {"overdue"}
        assert {one["due_on"] for one in found.values()} == {"2026-07-15"}
        assert {one["is_synthetic"] for one in found.values()} == {True}
        assert told["rates"] == {
            "expected": 38,
            "received": 2,
            "in_time": 0,
            "verified": 1,
            "completeness": 5.3,
            "timeliness": 0,
        }

    async def test_lists_page_by_page_what_is_asked_for(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        await journey.verified()
        asked = {"period": PERIOD, "state": "overdue", "limit": "20"}

        first = (await client.get(PATH, params=asked)).json()
        cursor = first["page"]["next_cursor"]
        second = (await client.get(PATH, params={**asked, "cursor": cursor})).json()

        listed = [one["municipality"] for one in (*first["items"], *second["items"])]
        assert (len(listed), len(set(listed))) == (37, 37)
        assert "prishtine" not in listed
        assert second["page"]["next_cursor"] is None
        assert first["rates"] == second["rates"]

    async def test_tells_the_latest_period_that_is_over(self, reads: AsyncClient) -> None:
        told = (await reads.get(PATH)).json()

        assert {one["period"] for one in told["items"]} == {PERIOD}

    async def test_knows_no_other(self, reads: AsyncClient) -> None:
        paths = [f"{PATH}?period=2025-S2", f"{PATH}?period=2026-Q1"]
        answers = [await reads.get(path) for path in (*paths, "/v1/obligations/no-such/reports")]
        nonsense = await reads.get(f"{PATH}?period=soon")

        assert [one.status_code for one in answers] == [404, 404, 404]
        assert nonsense.status_code == 400
