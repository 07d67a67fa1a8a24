"""How referrals end, and to whom the case is closed then."""

import pytest

from tests.referrals.team import Team, wordless


class TestEnd:
    @pytest.mark.parametrize(
        ("who", "to", "said"),
        [
            ("thbd", "withdrawn", {"reason": "need_ended"}),
            ("thbd", "entered_in_error", {"reason": "sent_to_wrong_recipient"}),
            ("isf", "failed", {"reason": "person_not_reachable"}),
        ],
    )
    async def test_closes_the_case_to_the_receiver(
        self, team: Team, who: str, to: str, said: dict[str, str]
    ) -> None:
        case, _, which = await team.accepted()

        assert (await team.move(who, which, to, **said)).status_code == 201

        absent = wordless(await team.get("pvpt", f"/cases/{case}/person"))
        assert wordless(await team.get("isf", f"/cases/{case}/person")) == absent

    async def test_of_one_referral_leaves_another_open(self, team: Team) -> None:
        case, _, first = await team.accepted()
        second = await team.send(case)
        assert (await team.accept(second)).status_code == 201

        await team.move("isf", first, "failed", reason="other")

        assert (await team.get("isf", f"/cases/{case}/person")).status_code == 200
        assert (await team.get("isf", f"/referrals/{second}")).json()["case_id"] == case

    async def test_of_a_completed_one_says_what_came_of_it(self, team: Team) -> None:
        _, _, which = await team.accepted()
        await team.move("isf", which, "in_progress")
        bare = await team.move("isf", which, "completed")
        said = {"outcome": "delivered_in_full", "needs_met": ["emergency_accommodation"]}

        done = await team.move("isf", which, "completed", **said)

        assert bare.status_code == 422
        assert (done.status_code, done.json()["view"]) == (201, "envelope")
        told = (await team.get("thbd", f"/referrals/{which}")).json()
        assert (told["state"], told["outcome"]) == ("completed", "delivered_in_full")
