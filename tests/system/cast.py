"""Who has a part when a person is referred, and what each of them does, over HTTP."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.system.conftest import Stack
from tests.system.test_referrals import without_own_words

CASES = "/referrals/v1/cases"
REFERRALS = "/referrals/v1/referrals"
NAME = {"first_name": "Shqipe", "last_name": "Krasniqi", "birth_year": 1999}
PERSON = NAME | {"telephone": "+38344123456"}
OPENED = {
    "basis": "interview_consent",
    "age_band": "adult",
    "sex": "F",
    "needs": ["emergency_accommodation"],
    "indicators": ["means.deception", "purpose.forced_labour_or_services"],
    "languages": ["sq"],
    "account": "She was promised work in a hotel.",
}


@dataclass(frozen=True)
class Person:
    """Somebody of an institution, asking the gateway."""

    client: httpx.AsyncClient
    token: str

    def _headers(self, **more: str) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {
            "authorization": f"Bearer {self.token}",
            "processing-purpose": "assistance",
        } | named

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers=self._headers())

    async def post(self, path: str, body: Any = None, **more: str) -> httpx.Response:
        headers = self._headers(idempotency_key=str(uuid4()), **more)
        return await self.client.post(path, json=body, headers=headers)

    async def put(self, path: str, body: Any, **more: str) -> httpx.Response:
        headers = self._headers(idempotency_key=str(uuid4()), **more)
        return await self.client.put(path, json=body, headers=headers)

    async def move(self, referral: str, **asked: Any) -> httpx.Response:
        path = f"{REFERRALS}/{referral}"
        tag = (await self.get(path)).headers["etag"]
        return await self.post(f"{path}/transitions", asked, if_match=tag)


@dataclass(frozen=True)
class Cast:
    """Who has a part in the story."""

    investigator: Person
    advocate: Person
    shelter: Person
    outsider: Person
    social_worker: Person


async def assembled(stack: Stack, client: httpx.AsyncClient) -> Cast:
    """Return the cast, once everybody's role has come from registry."""
    played = {
        "investigator": ("investigator", "thbd"),
        "advocate": ("advocate", "vaao"),
        "shelter": ("shelter_intake", "isf"),
        "outsider": ("shelter_intake", "pvpt"),
        "social_worker": ("social_worker", "dsw"),
    }
    people = {
        name: Person(client, stack.token(role, institution=institution))
        for name, (role, institution) in played.items()
    }
    for person in people.values():
        for _ in range(200):
            if (await person.get(CASES)).status_code == 200:
                break
            await asyncio.sleep(0.1)
        else:
            pytest.fail("A role did not arrive.")
    return Cast(**people)


async def opened(cast: Cast, **more: Any) -> str:
    """Open a case with a person in it, and return its id."""
    case = await cast.investigator.post(CASES, OPENED | more)
    assert case.status_code == 201, case.text
    path = f"{CASES}/{case.json()['id']}"
    stored = await cast.investigator.put(f"{path}/person", PERSON, if_none_match="*")
    assert stored.status_code in {200, 201}, stored.text
    partner = {"institution": "vaao", "role": "advocacy"}
    assert (await cast.investigator.post(f"{path}/partners", partner)).status_code == 201
    return str(case.json()["id"])


async def consented(cast: Cast, case: str, recipient: str = "isf") -> str:
    """Record what the person consents to, and return the consent's id."""
    today = datetime.now(UTC).date()
    given = {
        "purpose": "share_with_named_recipient",
        "recipient": recipient,
        "classes": ["A", "B", "F"],
        "state": "given",
        "text": "share-1",
        "text_version": "1.0.0",
        "language": "sr-Latn",
        "method": "recorded_oral",
        "given_on": today.isoformat(),
        "valid_until": (today + timedelta(days=90)).isoformat(),
    }
    consent = await cast.advocate.post(f"{CASES}/{case}/consents", given)
    assert consent.status_code == 201, consent.text
    return str(consent.json()["id"])


async def sent(cast: Cast, case: str, service: str = "isf-accommodation") -> str:
    """Send a referral, and return its id."""
    wanted = {"case_id": case, "service": service, "priority": "urgent", "classes": ["A", "B", "F"]}
    draft = await cast.investigator.post(REFERRALS, wanted)
    assert draft.status_code == 201, draft.text
    referral = str(draft.json()["id"])
    for state in ("consent_pending", "sent"):
        moved = await cast.investigator.move(referral, to=state)
        assert moved.status_code == 201, moved.text
    return referral


async def accepted(cast: Cast, referral: str) -> httpx.Response:
    """Open the envelope and accept."""
    assert (await cast.shelter.move(referral, to="delivered")).status_code == 201
    meet_at = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    agreed = {"responsible": "intake-2", "handover": "accompanied", "meet_at": meet_at}
    return await cast.shelter.move(referral, to="accepted", **agreed)


async def refused_alike(people: list[Person], path: str) -> None:
    """Check that everybody is told, byte for byte, what is told of a case that is not there."""
    answers = [await one.get(path) for one in people]
    absent = await people[0].get(path.replace(path.split("/")[4], str(uuid4())))

    assert {one.status_code for one in [*answers, absent]} == {404}
    assert len({without_own_words(one) for one in [*answers, absent]}) == 1
