"""HTTP for consents: who records them, who sees them, and what ends with them."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.databases import ServiceDatabase
from tests.referrals.conftest import Grant, as_owner
from tests.referrals.team import Team, consent, wordless


class TestListConsentTexts:
    async def test_says_that_nobody_has_reviewed_them(self, team: Team) -> None:
        found = await team.get("vaao", "/consent-texts")

        items = found.json()["items"]
        assert {one["standing"] for one in items} == {"unreviewed"}
        assert {one["language"] for one in items} == {"sq", "sr-Latn", "en"}

    async def test_asks_for_a_token_and_a_purpose(self, team: Team) -> None:
        assert (await team.client.get("/v1/consent-texts")).status_code == 401


class TestCreateConsent:
    async def test_keeps_which_words_were_read(self, team: Team) -> None:
        case = await team.open_case()

        made = await team.post("vaao", f"/cases/{case}/consents", consent())

        assert made.status_code == 201
        texts = (await team.get("vaao", "/consent-texts")).json()["items"]
        (read,) = [one for one in texts if (one["code"], one["language"]) == ("share-1", "sr-Latn")]
        assert made.json()["text_sha256"] == read["sha256"]
        assert made.json()["institution"] == "vaao"

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"text": "share-9"}, "consent_text_unknown"),
            ({"text": "record-1"}, "consent_text_unknown"),
            ({"text_version": "1.0.1"}, "consent_text_unknown"),
            ({"language": "de"}, "consent_text_unknown"),
            ({"recipient": None}, "consent_recipient"),
            ({"purpose": "record_keeping", "text": "record-1"}, "consent_recipient"),
            ({"valid_until": "2026-01-01"}, "consent_period"),
            ({"given_on": "2099-01-01", "valid_until": None}, "consent_period"),
            ({"method": "witnessed_oral"}, "witness_missing"),
            ({"state": "withdrawn"}, "consent_answer"),
            ({"approver": "persona:isf"}, "consent_approver"),
            ({"basis": "vital_interest"}, "consent_approver"),
            ({"basis": "vital_interest", "approver": "persona:vaao"}, "consent_approver"),
            ({"basis": "vital_interest", "approver": "persona:unknown"}, "consent_approver"),
            ({"classes": []}, "invalid_body"),
            ({"classes": ["Z"]}, "invalid_body"),
        ],
    )
    async def test_refuses_what_is_no_consent(
        self, team: Team, wrong: dict[str, Any], code: str
    ) -> None:
        case = await team.open_case()

        refused = await team.post("vaao", f"/cases/{case}/consents", consent() | wrong)

        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert (await team.get("vaao", f"/cases/{case}/consents")).json()["items"] == []

    async def test_takes_another_basis_with_a_second_person(self, team: Team) -> None:
        case = await team.open_case()
        other = {"basis": "vital_interest", "approver": "persona:thbd"}

        made = await team.post("vaao", f"/cases/{case}/consents", consent() | other)

        assert made.status_code == 201
        assert made.json()["approver"].endswith("|persona:thbd")

    async def test_is_one_for_each_purpose_and_recipient(self, team: Team) -> None:
        case = await team.open_case()
        first = await team.consent(case)

        twice = await team.post("vaao", f"/cases/{case}/consents", consent())
        other = await team.post(
            "vaao", f"/cases/{case}/consents", consent() | {"recipient": "pvpt"}
        )
        await team.post("vaao", f"/consents/{first}/withdrawals")
        again = await team.post("vaao", f"/cases/{case}/consents", consent())

        assert [one.status_code for one in (twice, other, again)] == [409, 201, 201]

    async def test_of_an_expired_one_is_a_new_one(self, team: Team) -> None:
        case = await team.open_case()
        old = await team.consent(case, given_on="2026-01-01", valid_until="2026-02-01")

        made = await team.post("vaao", f"/cases/{case}/consents", consent())

        assert made.status_code == 201
        states = {
            one["id"]: one["state"]
            for one in (await team.get("thbd", f"/cases/{case}/consents")).json()["items"]
        }
        assert states == {old: "expired", made.json()["id"]: "given"}

    @pytest.mark.parametrize("role", ["prosecutor_liaison", "provider", "supervisor"])
    async def test_refuses_roles_that_do_not_speak_with_the_person(
        self, team: Team, grant: Grant, role: str
    ) -> None:
        case = await team.open_case()
        await grant(role, sub="persona:other", institution="thbd")

        refused = await team.post("other", f"/cases/{case}/consents", consent())

        assert refused.status_code == 403

    async def test_knows_no_difference_between_foreign_and_absent(
        self, team: Team, grant: Grant
    ) -> None:
        case = await team.open_case()
        await grant("advocate", sub="persona:foreign", institution="other-office")

        answers = [
            wordless(await team.post("foreign", f"/cases/{one}/consents", consent()))
            for one in (case, uuid4(), "Shqipe")
        ]

        assert answers[0][0] == 404
        assert all(one == answers[0] for one in answers)


class TestListConsents:
    async def test_hides_what_others_hold(self, team: Team) -> None:
        case = await team.open_case()
        await team.consent(case)
        await team.consent(case, recipient="pvpt")
        which = await team.send(case)

        for institution in ("thbd", "vaao"):
            found = await team.get(institution, f"/cases/{case}/consents")
            assert {one["recipient"] for one in found.json()["items"]} == {"isf", "pvpt"}
        absent = wordless(await team.get("isf", f"/cases/{uuid4()}/consents"))
        for institution in ("isf", "pvpt"):
            found = await team.get(institution, f"/cases/{case}/consents")
            assert wordless(found) == absent
        # Nor after it has accepted: whom else the person trusts is not the shelter's to know.
        await team.accept(which)
        assert wordless(await team.get("isf", f"/cases/{case}/consents")) == absent

    async def test_refuses_whoever_works_on_no_case_there(self, team: Team, grant: Grant) -> None:
        case = await team.open_case()
        await grant("institution_admin", sub="persona:other", institution="thbd")

        refused = [await team.get("other", f"/cases/{one}/consents") for one in (case, uuid4())]

        assert {one.status_code for one in refused} == {403}
        assert wordless(refused[0]) == wordless(refused[1])


class TestCreateWithdrawal:
    async def test_is_obeyed_by_the_next_read(self, team: Team) -> None:
        case, given, which = await team.accepted()
        assert (await team.get("isf", f"/cases/{case}/person")).status_code == 200

        done = await team.post("vaao", f"/consents/{given}/withdrawals")

        assert (done.status_code, done.json()["state"]) == (201, "withdrawn")
        absent = wordless(await team.get("isf", f"/cases/{uuid4()}/person"))
        for path in (f"/cases/{case}", f"/cases/{case}/person", f"/referrals/{which}"):
            assert wordless(await team.get("isf", path)) == absent, path
        told = (await team.get("thbd", f"/referrals/{which}")).json()
        assert (told["state"], told["reason"]) == ("withdrawn", "consent_withdrawn")

    async def test_of_a_renewal_ends_what_was_accepted_on_the_one_before(
        self, team: Team, database: ServiceDatabase
    ) -> None:
        case, first, which = await team.accepted()
        async with as_owner(database) as owner:
            await owner.execute(
                "update consent set given_on = date '2026-01-01', valid_until = date '2026-02-01' "
                "where id = $1",
                UUID(first),
            )
        renewed = await team.consent(case)
        assert (await team.get("isf", f"/cases/{case}/person")).status_code == 200

        await team.post("vaao", f"/consents/{renewed}/withdrawals")

        absent = wordless(await team.get("isf", f"/cases/{uuid4()}/person"))
        for path in (f"/cases/{case}", f"/cases/{case}/person", f"/referrals/{which}"):
            assert wordless(await team.get("isf", path)) == absent, path

    async def test_leaves_what_rests_on_another_consent(self, team: Team) -> None:
        case, _, which = await team.accepted()
        other = await team.consent(case, recipient="pvpt")

        await team.post("vaao", f"/consents/{other}/withdrawals", {"method": "signature"})

        assert (await team.get("isf", f"/cases/{case}/person")).status_code == 200
        assert (await team.get("isf", f"/referrals/{which}")).json()["state"] == "accepted"

    async def test_happens_once(self, team: Team) -> None:
        case = await team.open_case()
        given = await team.consent(case)
        key = str(uuid4())

        first = await team.post("vaao", f"/consents/{given}/withdrawals", idempotency_key=key)
        again = await team.post("vaao", f"/consents/{given}/withdrawals", idempotency_key=key)
        new = await team.post("vaao", f"/consents/{given}/withdrawals")

        assert (first.status_code, again.status_code, new.status_code) == (201, 201, 409)
        assert again.headers["idempotent-replayed"] == "true"

    @pytest.mark.parametrize("institution", ["isf", "pvpt"])
    async def test_refuses_whoever_does_not_help_the_person(
        self, team: Team, grant: Grant, institution: str
    ) -> None:
        case, given, _ = await team.accepted()
        await grant("social_worker", sub="persona:worker", institution=institution)

        refused = await team.post("worker", f"/consents/{given}/withdrawals")
        absent = await team.post("worker", f"/consents/{uuid4()}/withdrawals")

        assert refused.status_code == 404
        assert wordless(refused) == wordless(absent)
        assert (await team.get("isf", f"/cases/{case}/person")).status_code == 200

    async def test_is_recorded_with_its_effect(self, team: Team, database: ServiceDatabase) -> None:
        case = await team.open_case()
        given = await team.consent(case)
        await team.post("vaao", f"/consents/{given}/withdrawals")

        async with as_owner(database) as owner:
            rows = await owner.fetch(
                "select action, institution from audit_event where subject_id = $1 order by id",
                given,
            )
        assert [tuple(row) for row in rows] == [
            ("consent.recorded", "vaao"),
            ("consent.withdraw", "vaao"),
            ("consent.withdrawn", "vaao"),
        ]
