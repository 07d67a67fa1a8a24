"""What ends with a consent that runs out: the next read, and after a day what was left over."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from komuna_referrals.consents.expiry import expire
from komuna_referrals.consents.jobs import REVOKE
from komuna_shared.database import Database
from tests.databases import ServiceDatabase
from tests.referrals.attacks import as_role, entered, ticket
from tests.referrals.conftest import as_owner
from tests.referrals.team import Team, wordless

TODAY = "(now() at time zone 'Europe/Belgrade')::date"
TABLES = (
    "case_record",
    "case_access",
    "case_account",
    "person",
    "consent",
    "referral",
    "referral_case",
)


async def lapse(database: ServiceDatabase, consent_id: str, *, days: int = 0) -> None:
    """Let a consent run out today, or some days ago."""
    async with as_owner(database) as owner:
        await owner.execute(
            f"update consent set given_on = {TODAY} - 30, valid_until = {TODAY} - $2::int "  # noqa: S608
            "where id = $1",
            UUID(consent_id),
            days,
        )


async def sweep(database: ServiceDatabase) -> list[bytes]:
    """Run the job as the worker, twice, and return for whom keys are then to be taken back."""
    data = Database(database.worker_url, service="referrals")
    try:
        for _ in range(2):
            await expire(data, {})
    finally:
        await data.close()
    async with as_owner(database) as owner:
        rows = await owner.fetch("select payload from pgqueuer where entrypoint = $1", REVOKE)
    return [row["payload"] for row in rows]


class TestExpiry:
    @pytest.mark.parametrize("basis", ["consent", "vital_interest"])
    async def test_is_obeyed_by_the_next_read(
        self, team: Team, database: ServiceDatabase, basis: str
    ) -> None:
        case = await team.open_case()
        approver = {} if basis == "consent" else {"approver": "persona:thbd"}
        given = await team.consent(case, basis=basis, **approver)
        which = await team.send(case)
        assert (await team.accept(which)).status_code == 201
        assert (await team.get("isf", f"/cases/{case}/person")).status_code == 200

        await lapse(database, given)

        absent = wordless(await team.get("isf", f"/cases/{uuid4()}/person"))
        for path in (
            f"/cases/{case}",
            f"/cases/{case}/person",
            f"/cases/{case}/account",
            f"/referrals/{which}",
        ):
            assert wordless(await team.get("isf", path)) == absent, path
        for path in ("/cases", "/referrals", "/me/tasks"):
            assert (await team.get("isf", path)).json()["items"] == [], path
        gone = await team.move("isf", which, "in_progress")
        assert wordless(gone) == wordless(await team.move("isf", str(uuid4()), "in_progress"))
        # The case's own institution and its partner go on.
        for institution in ("thbd", "vaao"):
            assert (await team.get(institution, f"/cases/{case}/person")).status_code == 200
        assert (await team.get("thbd", f"/referrals/{which}")).status_code == 200

    async def test_takes_the_sealed_envelope_too(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case = await team.open_case()
        given = await team.consent(case)
        which = await team.send(case)
        assert (await team.get("isf", f"/referrals/{which}")).status_code == 200

        await lapse(database, given)

        absent = wordless(await team.get("isf", f"/referrals/{uuid4()}"))
        assert wordless(await team.get("isf", f"/referrals/{which}")) == absent
        for path in ("/referrals", "/me/tasks"):
            assert (await team.get("isf", path)).json()["items"] == [], path

    async def test_holds_with_every_check_of_the_service_taken_out(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case, given, which = await team.accepted()
        shelter = ticket(sub="persona:isf")
        async with entered(database, *shelter) as inside:
            shown = [await inside.fetchval(f"select count(*) from {one}") for one in TABLES]  # noqa: S608
        assert shown == [1, 1, 0, 1, 1, 1, 1]

        await lapse(database, given)

        async with entered(database, *shelter) as inside:
            shown = [await inside.fetchval(f"select count(*) from {one}") for one in TABLES]  # noqa: S608
            assert set(shown) == {0}
            for function, about in (("serves_case", case), ("is_upheld", which)):
                told = await inside.fetchval(f"select {function}($1)", UUID(about))
                assert told is False, function
            with pytest.raises(asyncpg.PostgresError) as refused:
                await inside.fetch("select move_referral($1, 5, 'in_progress', '{}')", UUID(which))
        assert refused.value.sqlstate == "KR404"

    async def test_tells_others_nothing_of_what_still_holds(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case, _, which = await team.accepted()

        for institution in ("pvpt", "thbd"):
            async with entered(database, *ticket(sub=f"persona:{institution}")) as inside:
                assert not await inside.fetchval("select serves_case($1)", UUID(case))
                assert not await inside.fetchval("select is_upheld($1)", UUID(which))
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await inside.fetch("select step_referral($1, 5, 'sent', '{}')", UUID(which))

    async def test_of_what_is_final_leaves_the_work_that_was_done(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case, given, which = await team.accepted()
        await team.move("isf", which, "failed", reason="person_not_reachable")

        await lapse(database, given)

        assert (await team.get("isf", f"/referrals/{which}")).json()["view"] == "envelope"
        assert (await team.get("isf", f"/cases/{case}")).status_code == 404

    async def test_to_fewer_classes_ends_what_needs_more(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case, given, which = await team.accepted()
        await lapse(database, given)

        await team.consent(case, classes=["A", "F"])

        assert (await team.get("isf", f"/cases/{case}")).status_code == 404
        assert (await team.get("isf", f"/referrals/{which}")).status_code == 404


class TestExpiring:
    async def test_leaves_a_day_to_renew(self, team: Team, database: ServiceDatabase) -> None:
        case, given, which = await team.accepted()
        await lapse(database, given)

        assert await sweep(database) == []

        assert (await team.get("isf", f"/cases/{case}")).status_code == 404
        await team.consent(case)
        assert (await team.get("isf", f"/cases/{case}/person")).status_code == 200
        assert (await team.get("isf", f"/referrals/{which}")).json()["state"] == "accepted"

    async def test_ends_the_referral_and_has_the_keys_taken_back_as_a_withdrawal_does(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case, given, which = await team.accepted()
        await lapse(database, given, days=1)

        (payload,) = await sweep(database)

        assert payload.decode() == f'{{"case_id":"{case}","institution":"isf"}}'
        told = (await team.get("thbd", f"/referrals/{which}")).json()
        assert (told["state"], told["reason"]) == ("withdrawn", "consent_expired")
        (consent,) = (await team.get("thbd", f"/cases/{case}/consents")).json()["items"]
        assert consent["state"] == "expired"
        async with as_owner(database) as owner:
            ended = await owner.fetchval(
                "select ended_at is not null from case_access where inst = 'isf'"
            )
            event = await owner.fetchrow(
                "select source, institution, subject from referral_event where target = 'withdrawn'"
            )
        assert ended is True
        assert event is not None
        assert tuple(event) == ("accepted", "system", "system")
        # What comes later is a new referral on a new consent.
        await team.consent(case)
        assert (await team.get("isf", f"/cases/{case}")).status_code == 404

    async def test_lets_an_envelope_that_nobody_accepted_expire(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case = await team.open_case()
        given = await team.consent(case)
        which = await team.send(case)
        await lapse(database, given, days=1)

        # Nobody was given a key, so none is taken back.
        assert await sweep(database) == []

        assert (await team.get("thbd", f"/referrals/{which}")).json()["state"] == "expired"
        assert (await team.get("isf", f"/referrals/{which}")).status_code == 404

    async def test_leaves_what_rests_on_another_consent(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case, _, which = await team.accepted()
        other = await team.consent(case, recipient="pvpt")
        await lapse(database, other, days=1)

        assert await sweep(database) == []

        assert (await team.get("isf", f"/cases/{case}/person")).status_code == 200
        assert (await team.get("isf", f"/referrals/{which}")).json()["state"] == "accepted"

    async def test_is_the_workers_alone(self, database: ServiceDatabase) -> None:
        async with as_role(database) as service:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.fetch("select * from end_lapsed(10)")
