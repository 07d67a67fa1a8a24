"""Whom an owner may shut out: whoever registry knows, and nobody that it does not."""

from uuid import uuid4

from tests.referrals.conftest import Grant
from tests.referrals.team import Team, wordless

NOBODY = {"institution": "polcie", "reason": "Her brother works there."}


class TestBlockInstitution:
    async def test_refuses_an_institution_that_registry_does_not_have(self, team: Team) -> None:
        case = await team.open_case()

        refused = await team.post("thbd", f"/cases/{case}/blocks", NOBODY)

        assert (refused.status_code, refused.json()["code"]) == (422, "block_institution_unknown")
        assert refused.json()["errors"][0]["pointer"] == "/institution"
        assert "polcie" not in refused.text
        assert (await team.get("thbd", f"/cases/{case}/blocks")).json()["items"] == []

    async def test_takes_one_that_nobody_here_works_for(self, team: Team) -> None:
        case = await team.open_case()

        done = await team.post("thbd", f"/cases/{case}/blocks", NOBODY | {"institution": "police"})

        assert done.status_code == 201

    async def test_shuts_out_whoever_could_look_in_also_while_registry_is_silent(
        self, team: Team
    ) -> None:
        case = await team.open_case()
        team.registry.is_down = True

        known = await team.post("thbd", f"/cases/{case}/blocks", NOBODY | {"institution": "isf"})
        other = await team.post("thbd", f"/cases/{case}/blocks", NOBODY | {"institution": "police"})

        assert known.status_code == 201
        assert (other.status_code, other.json()["code"]) == (503, "upstream_unavailable")

    async def test_says_nothing_of_institutions_about_a_case_of_others(
        self, team: Team, grant: Grant
    ) -> None:
        case = await team.open_case()
        await grant("advocate", sub="persona:worker", institution="other-office")

        answers = [
            wordless(
                await team.post("worker", f"/cases/{one}/blocks", NOBODY | {"institution": name})
            )
            for one in (case, uuid4())
            for name in ("polcie", "police", "isf")
        ]

        assert all(one == answers[0] for one in answers)
        assert answers[0][0] == 404
