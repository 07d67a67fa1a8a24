"""A victim is referred without being exposed: from the first interview to a consent withdrawn."""

import httpx
import pytest

from tests.system.cast import (
    CASES,
    REFERRALS,
    Cast,
    accepted,
    assembled,
    consented,
    opened,
    refused_alike,
    sent,
)
from tests.system.conftest import Stack
from tests.system.test_referrals import without_own_words

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
async def cast(stack: Stack, client: httpx.AsyncClient) -> Cast:
    """Everybody who has a part."""
    return await assembled(stack, client)


class TestPerson:
    async def test_is_known_to_the_shelter_after_acceptance_only(self, cast: Cast) -> None:
        case = await opened(cast)
        person = f"{CASES}/{case}/person"
        consent = await consented(cast, case)
        referral = await sent(cast, case)

        envelope = await cast.shelter.get(f"{REFERRALS}/{referral}")
        assert envelope.json()["view"] == "envelope"
        assert case not in envelope.text
        assert "Krasniqi" not in envelope.text
        await refused_alike([cast.shelter, cast.outsider], person)

        done = await accepted(cast, referral)
        assert done.status_code == 201, done.text
        known = await cast.shelter.get(person)
        assert (known.status_code, known.json()["last_name"]) == (200, "Krasniqi")
        assert "account" not in known.text

        withdrawn = await cast.advocate.post(f"/referrals/v1/consents/{consent}/withdrawals")
        assert withdrawn.status_code == 201, withdrawn.text
        await refused_alike([cast.shelter, cast.outsider], person)

        told = (await cast.investigator.get(f"{CASES}/{case}/disclosures")).json()["items"]
        shown = [one for one in told if one["institution"] == "isf"]
        assert shown
        assert all(consent in str(one) for one in shown)

    async def test_of_a_case_is_nothing_to_whom_the_owner_blocked(self, cast: Cast) -> None:
        case = await opened(cast)
        await consented(cast, case)
        referral = await sent(cast, case)
        assert (await accepted(cast, referral)).status_code == 201
        assert (await cast.shelter.get(f"{CASES}/{case}/person")).status_code == 200

        blocked = await cast.investigator.post(
            f"{CASES}/{case}/blocks", {"institution": "isf", "reason": "Somebody there knows her."}
        )

        assert blocked.status_code == 201, blocked.text
        await refused_alike([cast.shelter, cast.outsider], f"{CASES}/{case}/person")
        await refused_alike([cast.shelter, cast.outsider], f"{REFERRALS}/{referral}")

    async def test_can_be_asked_for_without_being_shown(self, cast: Cast) -> None:
        await opened(cast)

        path = "/referrals/v1/person-matches"
        serbian = {"first_name": "Šćipe", "last_name": "Krasnići", "birth_year": 1999}
        asked = (serbian, {"telephone": "+38344123456"}, {"telephone": "+38344999999"})

        told = [await cast.social_worker.post(path, one) for one in asked]

        assert [one.status_code for one in told] == [200, 200, 200], told[0].text
        assert told[0].json() == told[1].json() == {"is_possible_match": True, "ask": ["thbd"]}
        assert told[2].json() == {"is_possible_match": False, "ask": []}


class TestEnvelopes:
    async def test_that_are_equal_are_answered_alike(self, cast: Cast) -> None:
        referrals = []
        for number in range(2):
            case = await opened(cast, account="x" * (1 + 700 * number))
            if number:
                # What the one case has besides must not show.
                decision = {"institution": "dsw", "role": "social_work"}
                await cast.investigator.post(f"{CASES}/{case}/partners", decision)
            await consented(cast, case)
            referrals.append(await sent(cast, case))

        one, other = [await cast.shelter.get(f"{REFERRALS}/{each}") for each in referrals]

        assert one.status_code == 200
        assert without_own_words(one) == without_own_words(other)


class TestReferral:
    async def test_to_a_service_without_a_licence_is_refused(self, cast: Cast) -> None:
        case = await opened(cast)
        wanted = {
            "case_id": case,
            "service": "nothing-such",
            "priority": "urgent",
            "classes": ["A", "F"],
        }

        refused = await cast.investigator.post(REFERRALS, wanted)

        assert refused.status_code == 422

    async def test_without_consent_is_not_sent(self, cast: Cast) -> None:
        case = await opened(cast)
        wanted = {"case_id": case, "service": "isf-accommodation", "priority": "urgent"}
        draft = await cast.investigator.post(REFERRALS, wanted | {"classes": ["A", "B", "F"]})
        referral = draft.json()["id"]
        await cast.investigator.move(referral, to="consent_pending")

        moved = await cast.investigator.move(referral, to="sent")

        assert moved.status_code == 422
        assert (await cast.shelter.get(f"{REFERRALS}/{referral}")).status_code == 404
