"""How old the copy of who holds which role may be: running work goes on, nothing begins."""

import pytest

from komuna_referrals.freshness import is_stale
from komuna_referrals.settings import Settings
from tests.databases import ServiceDatabase
from tests.referrals.casework import CASE, Hire
from tests.referrals.conftest import PEJE, as_owner

MINUTE, HOUR = 60.0, 3600.0


class TestIsStale:
    @pytest.mark.parametrize(
        ("age", "goes_on", "begins"),
        [
            (0.0, True, True),
            (15 * MINUTE, True, True),
            (15 * MINUTE + 1, True, False),
            (4 * HOUR, True, False),
            (4 * HOUR + 1, False, False),
            (None, False, False),
        ],
    )
    def test_stops_what_begins_before_what_goes_on(
        self, settings: Settings, age: float | None, *, goes_on: bool, begins: bool
    ) -> None:
        assert is_stale(age, settings, starts=False) is not goes_on
        assert is_stale(age, settings, starts=True) is not begins

    def test_follows_the_settings(self, settings: Settings) -> None:
        other = settings.model_copy(update={"assignments_fresh_seconds": 5})

        assert is_stale(6.0, other, starts=True)


class TestStartingSomethingNew:
    async def test_waits_while_registry_is_away(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        owner = await hire("social_worker")
        await hire("advocate", PEJE)
        case = await owner.open_case()
        async with as_owner(database) as connection:
            await connection.execute(
                "update follower_cursor set read_to_end_at = now() - interval '16 minutes'"
            )

        opened = await owner.post("/v1/cases", CASE)
        brought = {"institution": PEJE, "role": "advocacy"}
        partner = await owner.post(f"/v1/cases/{case['id']}/partners", brought)
        read = await owner.get(f"/v1/cases/{case['id']}")
        written = await owner.write_person(case["id"])

        for refused in (opened, partner):
            assert (refused.status_code, refused.json()["code"]) == (503, "assignments_stale")
        assert (read.status_code, written.status_code) == (200, 200)
