"""A referral that nobody answers in time expires, and its sender is told to go elsewhere."""

from uuid import UUID

from tests.databases import ServiceDatabase
from tests.referrals.conftest import as_owner
from tests.referrals.consents.test_expiry import sweep
from tests.referrals.team import Team


class TestUnanswered:
    async def test_expires_when_the_answer_was_due(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case = await team.open_case()
        await team.consent(case)
        late, early = await team.send(case), await team.send(case)
        await overdue(database, late, hours=1)

        assert await sweep(database) == []

        states = [
            (await team.get("thbd", f"/referrals/{one}")).json()["state"] for one in (late, early)
        ]
        assert states == ["expired", "sent"]
        tasks = (await team.get("thbd", "/me/tasks")).json()["items"]
        assert [one["referral_id"] for one in tasks if one["kind"] == "refer_elsewhere"] == [late]
        refused = await team.move("isf", late, "delivered")
        assert (refused.status_code, refused.json()["code"]) == (409, "no_such_step")

    async def test_waits_while_the_sender_is_asked_and_no_longer_than_the_rule(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case = await team.open_case()
        await team.consent(case)
        asked, forgotten = await team.send(case), await team.send(case)
        for which, hours in ((asked, 23), (forgotten, 25)):
            await team.move("isf", which, "delivered")
            await team.move("isf", which, "info_requested", questions=["transport"])
            await overdue(database, which, hours=hours)
            async with as_owner(database) as owner:
                await owner.execute(
                    "update referral_event set happened_at = now() - interval '48 hours' "
                    "where referral_id = $1",
                    UUID(which),
                )

        await sweep(database)

        states = [
            (await team.get("thbd", f"/referrals/{one}")).json()["state"]
            for one in (asked, forgotten)
        ]
        assert states == ["info_requested", "expired"]

    async def test_lets_nothing_expire_that_was_accepted(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case, _, which = await team.accepted()
        await overdue(database, which, hours=100)

        assert await sweep(database) == []

        assert (await team.get("isf", f"/cases/{case}/person")).status_code == 200


async def overdue(database: ServiceDatabase, which: str, *, hours: int) -> None:
    """Let an answer have been due some hours ago."""
    async with as_owner(database) as owner:
        await owner.execute(
            "update referral set answer_due_at = now() - $2::int * interval '1 hour' where id = $1",
            UUID(which),
            hours,
        )
