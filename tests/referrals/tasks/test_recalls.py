"""Whoever was told of a person learns that it ended, and neither why nor of whom."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from komuna_referrals.consents.expiry import expire
from komuna_shared.database import Database
from tests.databases import ServiceDatabase
from tests.referrals.attacks import entered, ticket
from tests.referrals.casework import PERSON
from tests.referrals.conftest import as_owner
from tests.referrals.team import Team, wordless


async def recalled(team: Team, institution: str = "isf") -> list[dict[str, Any]]:
    """Return what an institution is told to use no longer."""
    tasks = (await team.get(institution, "/me/tasks")).json()["items"]
    return [one for one in tasks if one["kind"] == "stop_using_data"]


class TestRecall:
    async def test_tells_the_holder_that_a_consent_was_withdrawn(self, team: Team) -> None:
        case, given, which = await team.accepted()
        assert await recalled(team) == []

        await team.post("vaao", f"/consents/{given}/withdrawals")

        (task,) = await recalled(team)
        assert (task["referral_id"], task["case_id"]) == (which, None)
        assert task["link"] == "/referrals/v1/referrals"
        told = (await team.get("isf", "/me/tasks")).text
        for hidden in (case, given, str(PERSON["last_name"]), "consent", "withdrawn"):
            assert hidden not in told

    async def test_hides_what_others_hold(self, team: Team, database: ServiceDatabase) -> None:
        _, given, _ = await team.accepted()
        await team.post("vaao", f"/consents/{given}/withdrawals")

        for institution in ("pvpt", "thbd", "vaao"):
            assert await recalled(team, institution) == []
            async with entered(database, *ticket(sub=f"persona:{institution}")) as inside:
                assert await inside.fetchval("select count(*) from recall") == 0
        async with entered(database, *ticket(sub="persona:isf")) as inside:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await inside.execute("delete from recall")

    async def test_is_the_same_for_whoever_was_shut_out(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        told = []
        for end in ("withdrawal", "block", "expiry", "taken_back"):
            case, given, which = await team.accepted()
            if end == "withdrawal":
                await team.post("vaao", f"/consents/{given}/withdrawals")
            elif end == "block":
                shut = {"institution": "isf", "reason": "He works there."}
                assert (await team.post("thbd", f"/cases/{case}/blocks", shut)).status_code == 201
            elif end == "taken_back":
                await team.move("thbd", which, "withdrawn", reason="need_ended")
            else:
                await run_out(database, given)
            tasks = await team.get("isf", "/me/tasks")
            assert len(tasks.json()["items"]) == 1, end
            told.append((wordless(tasks), wordless(await team.get("isf", f"/referrals/{which}"))))
            async with as_owner(database) as owner:
                await owner.execute("delete from recall")

        assert all(one == told[0] for one in told)

    async def test_reaches_whoever_has_done_its_work(self, team: Team) -> None:
        _, given, which = await team.accepted()
        await team.move("isf", which, "failed", reason="person_not_reachable")
        assert await recalled(team) == []

        await team.post("vaao", f"/consents/{given}/withdrawals")

        assert [one["referral_id"] for one in await recalled(team)] == [which]

    async def test_is_not_for_who_never_opened_the_envelope(self, team: Team) -> None:
        case = await team.open_case()
        given = await team.consent(case)
        await team.send(case)

        await team.post("vaao", f"/consents/{given}/withdrawals")

        assert (await team.get("isf", "/me/tasks")).json()["items"] == []

    async def test_is_told_for_a_month(self, team: Team, database: ServiceDatabase) -> None:
        _, given, _ = await team.accepted()
        await team.post("vaao", f"/consents/{given}/withdrawals")
        async with as_owner(database) as owner:
            await owner.execute("update recall set recalled_at = now() - interval '31 days'")

        assert await recalled(team) == []


async def run_out(database: ServiceDatabase, consent_id: str) -> None:
    """Let a consent have run out two days ago, and the worker come by."""
    async with as_owner(database) as owner:
        await owner.execute(
            "update consent set given_on = current_date - 30, valid_until = current_date - 2 "
            "where id = $1",
            UUID(consent_id),
        )
    data = Database(database.worker_url, service="referrals")
    await expire(data, {})
    await data.close()
