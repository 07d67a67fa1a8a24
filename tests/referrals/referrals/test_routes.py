"""HTTP for referrals: who sees the envelope, who sees the case, and who sees nothing."""

from typing import Any
from uuid import uuid4

import pytest

from tests.referrals.team import Team, agreed, referral, wordless

ENVELOPE = {
    "view",
    "id",
    "state",
    "sender",
    "receiver",
    "service",
    "service_type",
    "priority",
    "needs",
    "age_band",
    "sex",
    "risk",
    "questions",
    "reason",
    "sent_at",
    "delivered_at",
    "answer_due_at",
}


class TestCreateReferral:
    async def test_begins_as_a_draft_that_nobody_else_sees(self, team: Team) -> None:
        case = await team.open_case()

        made = await team.post("thbd", "/referrals", referral(case))

        assert made.status_code == 201
        assert (made.json()["state"], made.json()["receiver"]) == ("draft", "isf")
        path = f"/referrals/{made.json()['id']}"
        assert made.headers["location"].endswith(path)
        for other in ("isf", "pvpt", "vaao"):
            assert (await team.get(other, path)).status_code == 404

    @pytest.mark.parametrize("institution", ["vaao", "pvpt", "isf"])
    async def test_refuses_whoever_does_not_own_the_case(
        self, team: Team, institution: str
    ) -> None:
        case = await team.open_case()

        known = await team.post(institution, "/referrals", referral(case))
        unknown = await team.post(institution, "/referrals", referral(str(uuid4())))
        garbled = await team.post(institution, "/referrals", referral("no id"))

        # A shelter takes no case of its own anywhere; an advocate may, and not this one.
        expected = 404 if institution == "vaao" else 403
        assert known.status_code == expected
        assert wordless(known) == wordless(unknown) == wordless(garbled)

    @pytest.mark.parametrize("lacking", ["is_active", "is_licensed"])
    async def test_asks_registry_whether_the_service_may_be_referred_to(
        self, team: Team, lacking: str
    ) -> None:
        case = await team.open_case()
        team.registry.licences["isf-accommodation"][lacking] = False

        refused = await team.post("thbd", "/referrals", referral(case))
        unknown = await team.post("thbd", "/referrals", referral(case) | {"service": "none-such"})

        for one in (refused, unknown):
            assert (one.status_code, one.json()["code"]) == (422, "service_not_available")

    async def test_starts_nothing_while_registry_is_away_and_running_ones_go_on(
        self, team: Team
    ) -> None:
        case = await team.open_case()
        await team.consent(case)
        running = await team.send(case)
        team.registry.is_down = True

        refused = await team.post("thbd", "/referrals", referral(case))

        assert (refused.status_code, refused.json()["code"]) == (503, "upstream_unavailable")
        assert (await team.accept(running)).status_code == 201

    async def test_tells_the_owner_alone_of_a_block(self, team: Team) -> None:
        case = await team.open_case()
        blocked = {"institution": "isf", "reason": "Somebody there knows her."}
        assert (await team.post("thbd", f"/cases/{case}/blocks", blocked)).status_code == 201

        refused = await team.post("thbd", "/referrals", referral(case))

        assert (refused.status_code, refused.json()["code"]) == (422, "recipient_blocked")

    async def test_goes_to_another_institution(self, team: Team) -> None:
        case = await team.open_case()

        own = await team.post(
            "thbd", "/referrals", referral(case) | {"service": "thbd-accommodation"}
        )

        assert (own.status_code, own.json()["code"]) == (422, "own_service")

    async def test_is_made_once_for_one_key(self, team: Team) -> None:
        case = await team.open_case()
        key = str(uuid4())

        first = await team.post("thbd", "/referrals", referral(case), idempotency_key=key)
        again = await team.post("thbd", "/referrals", referral(case), idempotency_key=key)

        assert again.headers["idempotent-replayed"] == "true"
        assert (first.json()["id"], again.status_code) == (again.json()["id"], 201)


class TestGetReferral:
    async def test_shows_its_receiver_an_envelope_until_it_has_accepted(self, team: Team) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)

        sealed = await team.get("isf", f"/referrals/{which}")
        await team.accept(which)
        opened = await team.get("isf", f"/referrals/{which}")

        assert sealed.json().keys() == ENVELOPE
        assert case not in sealed.text
        assert (opened.json()["view"], opened.json()["case_id"]) == ("referral", case)
        assert sealed.headers["cache-control"] == "no-store"

    async def test_hides_what_others_hold(self, team: Team) -> None:
        _, _, which = await team.accepted()

        answers = [
            wordless(await team.get(institution, f"/referrals/{one}"))
            for institution, one in (
                ("pvpt", which),
                ("vaao", which),
                ("pvpt", str(uuid4())),
                ("pvpt", "Shqipe"),
            )
        ]

        assert answers[0][0] == 404
        assert all(one == answers[0] for one in answers)

    async def test_of_a_blocked_receiver_is_the_same_404_at_once(self, team: Team) -> None:
        case, _, which = await team.accepted()
        blocked = {"institution": "isf", "reason": "Somebody there knows her."}

        done = await team.post("thbd", f"/cases/{case}/blocks", blocked)

        assert done.status_code == 201
        mine = await team.get("isf", f"/referrals/{which}")
        absent = await team.get("isf", f"/referrals/{uuid4()}")
        assert mine.status_code == 404
        assert wordless(mine) == wordless(absent)
        assert (await team.get("isf", "/referrals")).json()["items"] == []
        told = (await team.get("thbd", f"/referrals/{which}")).json()
        assert (told["state"], told["reason"]) == ("withdrawn", "risk_changed")


class TestEqualEnvelopes:
    """Two cases with equal envelopes are answered byte for byte alike before acceptance."""

    async def pair(self, team: Team) -> tuple[str, str]:
        plain = await team.open_case()
        rich = await team.open_case(
            account="She was promised work. " * 40,
            indicators=["means.deception", "act.recruitment", "purpose.forced_begging"],
            languages=["sq", "en"],
        )
        for _ in range(3):
            # Drafts that came to nothing, and a consent refused, are nothing to the receiver.
            await team.draft(rich)
        refused = {"recipient": "pvpt", "state": "refused", "given_on": "2026-01-01"}
        await team.consent(rich, **refused)
        for case in (plain, rich):
            await team.consent(case)
        return await team.send(plain), await team.send(rich)

    async def answers(self, team: Team, which: str) -> list[Any]:
        path = f"/referrals/{which}"
        stale = {"to": "accepted", **agreed()}
        return [
            wordless(await team.get("isf", path)),
            wordless(await team.get("isf", path, if_none_match='"none"')),
            wordless(await team.post("isf", f"{path}/transitions", stale, if_match='"none"')),
            wordless(await team.post("isf", f"{path}/transitions", stale)),
            wordless(await team.move("isf", which, "accepted", **agreed())),
            wordless(await team.move("isf", which, "declined", reason="unheard_of")),
            wordless(await team.move("isf", which, "delivered")),
            wordless(await team.move("isf", which, "info_requested", questions=["transport"])),
        ]

    async def test_in_the_read_and_in_every_error(self, team: Team) -> None:
        plain, rich = await self.pair(team)

        one, other = await self.answers(team, plain), await self.answers(team, rich)

        assert one == other
        assert [answer[0] for answer in one] == [200, 200, 412, 428, 409, 422, 201, 201]

    async def test_in_the_list(self, team: Team) -> None:
        plain, rich = await self.pair(team)

        whole = await team.get("isf", "/referrals")
        pages = [await team.get("isf", "/referrals?limit=1")]
        after = pages[0].json()["page"]["next_cursor"]
        pages.append(await team.get("isf", f"/referrals?limit=1&cursor={after}"))

        first, second = whole.json()["items"]
        # Newest first by when it was sent, whatever was drafted before.
        assert [first["id"], second["id"]] == [rich, plain]
        own = {"id", "sent_at", "answer_due_at", "delivered_at"}
        assert {k: v for k, v in first.items() if k not in own} == {
            k: v for k, v in second.items() if k not in own
        }
        assert len(pages[0].json()["items"]) == len(pages[1].json()["items"]) == 1

    async def test_and_the_case_itself_is_nobodys(self, team: Team) -> None:
        case = await team.open_case()
        await team.consent(case)
        await team.send(case)

        asked = [f"/cases/{one}{part}" for one in (case, uuid4()) for part in ("", "/person")]
        answers = [wordless(await team.get("isf", one)) for one in asked]

        assert answers[0][0] == 404
        assert all(one == answers[0] for one in answers)


class TestListReferrals:
    async def test_is_a_box_for_each_side(self, team: Team) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)

        boxes = {
            (institution, box): [
                one["id"]
                for one in (await team.get(institution, f"/referrals?box={box}")).json()["items"]
            ]
            for institution in ("thbd", "isf", "pvpt", "vaao")
            for box in ("in", "out")
        }

        assert {key for key, found in boxes.items() if found} == {("thbd", "out"), ("isf", "in")}
        assert boxes["isf", "in"] == [which]

    async def test_refuses_a_box_there_is_not(self, team: Team) -> None:
        assert (await team.get("isf", "/referrals?box=all")).status_code in {400, 422}
