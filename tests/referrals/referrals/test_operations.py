"""What a step does: to the state, to whoever may see, and to the keys."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from komuna_referrals.referrals.jobs import TELL, telling
from komuna_referrals.sealing import FieldClass
from komuna_shared.database import Database
from komuna_shared.errors import NotFoundError
from tests.databases import ServiceDatabase
from tests.referrals.conftest import as_owner
from tests.referrals.team import Team, agreed


@asynccontextmanager
async def working(database: ServiceDatabase) -> AsyncIterator[Database]:
    """Open the data as the worker does, with its narrow role."""
    opened = Database(database.worker_url, service="referrals")
    yield opened
    await opened.close()


async def jobs(database: ServiceDatabase, name: str) -> list[bytes]:
    async with as_owner(database) as owner:
        rows = await owner.fetch("select payload from pgqueuer where entrypoint = $1", name)
    return [row["payload"] for row in rows]


class TestSend:
    @pytest.mark.parametrize(
        "given",
        [
            {"recipient": "pvpt"},
            {"classes": ["F"]},
            {"state": "refused"},
            {"purpose": "service_provision", "recipient": None, "text": "service-1"},
            {"given_on": "2026-01-01", "valid_until": "2026-02-01"},
        ],
    )
    async def test_needs_a_live_consent_to_this_recipient_and_these_classes(
        self, team: Team, given: dict[str, object]
    ) -> None:
        case = await team.open_case()
        await team.consent(case, **given)
        which = await team.draft(case)
        await team.move("thbd", which, "consent_pending")

        refused = await team.move("thbd", which, "sent")

        assert (refused.status_code, refused.json()["code"]) == (422, "consent_missing")
        assert (await team.get("isf", f"/referrals/{which}")).status_code == 404

    @pytest.mark.parametrize(
        ("priority", "hours"), [("emergency", 24), ("urgent", 72), ("normal", 336)]
    )
    async def test_says_until_when_an_answer_is_due_by_the_rule_of_that_day(
        self, team: Team, priority: str, hours: int
    ) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.draft(case, priority=priority)
        await team.move("thbd", which, "consent_pending")

        sent = (await team.move("thbd", which, "sent")).json()

        due, at = (datetime.fromisoformat(sent[name]) for name in ("answer_due_at", "sent_at"))
        assert due - at == timedelta(hours=hours)

    async def test_has_the_receiver_told_by_an_opaque_id_alone(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)

        (payload,) = await jobs(database, TELL)
        async with working(database) as worker:
            await telling(team.registry.client())(worker, {"referral": which})

        assert payload.decode() == f'{{"referral":"{which}"}}'
        ((key, letter),) = team.registry.notices
        assert key == which
        assert case.encode() not in letter
        assert b"isf" in letter

    async def test_tells_nobody_of_what_was_taken_back(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)
        await team.move("thbd", which, "withdrawn", reason="need_ended")

        async with working(database) as worker:
            await telling(team.registry.client())(worker, {"referral": which})

        assert team.registry.notices == []

    async def test_closes_the_envelope_against_what_happens_to_the_case(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)
        before = (await team.get("isf", f"/referrals/{which}")).text

        async with as_owner(database) as owner:
            await owner.execute("alter table case_record disable trigger user")
            await owner.execute("update case_record set risk = 'high', needs = '{other}'")

        assert (await team.get("isf", f"/referrals/{which}")).text == before


class TestAccept:
    async def test_opens_the_consented_classes_and_no_other(self, team: Team) -> None:
        case, _, _ = await team.accepted()
        keyring = team.api.state.keyring

        for held in (FieldClass.IDENTITY, FieldClass.CONTACT):
            assert await keyring.open_key(UUID(case), held, "isf")
        with pytest.raises(NotFoundError):
            await keyring.open_key(UUID(case), FieldClass.ACCOUNT, "isf")

        assert (await team.get("isf", f"/cases/{case}/person")).json()["last_name"]
        assert (await team.get("isf", f"/cases/{case}/account")).status_code == 404

    async def test_keeps_why_somebody_is_shut_out_for_the_owner(self, team: Team) -> None:
        case = await team.open_case()
        shut_out = {"institution": "pvpt", "reason": "He works there."}
        assert (await team.post("thbd", f"/cases/{case}/blocks", shut_out)).status_code == 201
        await team.consent(case, classes=["A", "F", "H"])
        which = await team.draft(case, classes=["A", "F", "H"])
        for state in ("consent_pending", "sent"):
            await team.move("thbd", which, state)

        assert (await team.accept(which)).status_code == 201

        keyring = team.api.state.keyring
        assert await keyring.open_key(UUID(case), FieldClass.IDENTITY, "isf")
        with pytest.raises(NotFoundError):
            await keyring.open_key(UUID(case), FieldClass.PERPETRATOR, "isf")

    @pytest.mark.parametrize("lacking", ["responsible", "handover", "meet_at"])
    async def test_names_who_how_and_when(self, team: Team, lacking: str) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)
        await team.move("isf", which, "delivered")
        said = {name: it for name, it in agreed().items() if name != lacking}

        refused = await team.move("isf", which, "accepted", **said)

        assert (refused.status_code, refused.json()["code"]) == (422, "step_details")
        assert refused.json()["errors"][0]["pointer"] == f"/{lacking}"

    @pytest.mark.parametrize("institution", ["thbd", "vaao", "pvpt"])
    async def test_refuses_everybody_but_the_receiver(self, team: Team, institution: str) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)
        await team.move("isf", which, "delivered")

        refused = await team.move(institution, which, "accepted", **agreed())

        assert refused.status_code == (403 if institution == "thbd" else 404)
        assert (await team.get("pvpt", f"/cases/{case}")).status_code == 404

    async def test_is_recorded_as_a_disclosure_that_cites_the_consent(self, team: Team) -> None:
        case, consent_id, which = await team.accepted()

        (told,) = [
            one
            for one in (await team.get("thbd", f"/cases/{case}/disclosures")).json()["items"]
            if one["kind"] == "shared"
        ]

        assert (told["institution"], told["consent_id"], told["referral_id"]) == (
            "isf",
            consent_id,
            which,
        )
        assert (told["classes"], told["state"]) == (["A", "B", "F"], "accepted")

    async def test_wins_once_of_two_at_the_same_time(self, team: Team) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)
        await team.move("isf", which, "delivered")
        tag = (await team.get("isf", f"/referrals/{which}")).headers["etag"]
        said = {"to": "accepted", **agreed()}

        both: list[httpx.Response] = await asyncio.gather(
            *(
                team.post("isf", f"/referrals/{which}/transitions", said, if_match=tag)
                for _ in range(2)
            )
        )

        assert sorted(one.status_code for one in both) in ([201, 409], [201, 412])

    async def test_hands_over_what_was_sent_however_much_more_was_consented_to(
        self, team: Team
    ) -> None:
        case = await team.open_case()
        await team.consent(case, classes=["A", "B", "C", "F"])
        which = await team.draft(case, classes=["A", "F"])
        for state in ("consent_pending", "sent"):
            await team.move("thbd", which, state)
        await team.accept(which)

        told = await team.get("isf", f"/cases/{case}/person")

        assert (told.status_code, told.json()["classes"]) == (200, ["A"])
        assert "telephone" not in told.json()
        assert (await team.get("isf", f"/cases/{case}/account")).status_code == 404


class TestStaleAssignments:
    async def test_let_nobody_in_anew_while_running_work_goes_on(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        _, _, running = await team.accepted()
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)
        await team.move("isf", which, "delivered")
        async with as_owner(database) as owner:
            await owner.execute(
                "update follower_cursor set read_to_end_at = now() - interval '1 hour'"
            )

        refused = await team.move("isf", which, "accepted", **agreed())
        goes_on = await team.move("isf", running, "in_progress")

        assert (refused.status_code, refused.json()["code"]) == (503, "assignments_stale")
        assert goes_on.status_code == 201
