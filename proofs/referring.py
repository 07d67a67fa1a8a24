"""Two cases and what can be asked of them: one still sealed to a shelter, one accepted by it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from proofs.guarded import Referrals

_PEOPLE = {
    "thbd": ("proof:investigator", "investigator"),
    "vaao": ("proof:advocate", "advocate"),
    "isf": ("proof:shelter", "shelter_intake"),
}
_CASE = {
    "basis": "interview_consent",
    "age_band": "adult",
    "sex": "F",
    "needs": ["emergency_accommodation"],
    "indicators": ["means.deception"],
    "languages": ["sq"],
    "account": "She was promised work.",
}
_PERSON = {"first_name": "Shqipe", "last_name": "Krasniqi", "birth_year": 1999}
_SHARED = ["A", "B", "F"]
# As one that came in a moment ago; who sends it asks registry, which is not here.
_DELIVERED = """
    with made as (
        insert into referral (id, sender, receiver, service, service_type, priority, state,
            version, is_shown, needs, age_band, sex, risk, sent_at, delivered_at, answer_due_at)
        values ($1, 'thbd', 'isf', 'isf-accommodation', 'emergency_accommodation', 'urgent',
            'delivered', 4, true, '{emergency_accommodation}', 'adult', 'F', 'unassessed',
            now(), now(), now() + interval '72 hours')
        returning id
    )
    insert into referral_case (referral_id, case_id, classes, consent_id)
    select id, $2, '{A,B,F}', $3 from made
"""


@dataclass(frozen=True)
class Ask:
    """One request of one institution; a write sends a body."""

    institution: str
    method: str
    path: str
    body: Any = None


@dataclass(frozen=True)
class Scene:
    """What is there, and who asks."""

    referrals: Referrals
    client: httpx.AsyncClient
    sealed: str
    accepted: str
    consent: str
    waiting: str
    taken: str

    async def send(self, ask: Ask) -> httpx.Response:
        """Ask as a person of the institution would."""
        return await _send(self.referrals, self.client, ask)


async def _send(referrals: Referrals, client: httpx.AsyncClient, ask: Ask) -> httpx.Response:
    subject, _ = _PEOPLE[ask.institution]
    headers = referrals.headers(subject, ask.institution)
    if ask.method == "PUT":
        headers["if-none-match"] = "*"
    elif ask.path.endswith("/transitions"):
        headers["if-match"] = "*"
    return await client.request(ask.method, f"/v1{ask.path}", json=ask.body, headers=headers)


async def set_up(referrals: Referrals, client: httpx.AsyncClient) -> Scene:
    """Open both cases over HTTP, and accept the referral of one."""
    for institution, (subject, role) in _PEOPLE.items():
        await referrals.hire(subject, role, institution)
    made = []
    for _ in range(2):
        case = await _made(referrals, client, Ask("thbd", "POST", "/cases", _CASE))
        await _made(referrals, client, Ask("thbd", "PUT", f"/cases/{case}/person", _PERSON))
        partner = {"institution": "vaao", "role": "advocacy"}
        await _made(referrals, client, Ask("thbd", "POST", f"/cases/{case}/partners", partner))
        given = Ask("vaao", "POST", f"/cases/{case}/consents", _consent("isf"))
        consent = await _made(referrals, client, given)
        made.append((case, consent, await _deliver(referrals, case, consent)))
    (sealed, consent, waiting), (accepted, _, taken) = made
    await _made(referrals, client, Ask("isf", "POST", f"/referrals/{taken}/transitions", _agreed()))
    return Scene(referrals, client, sealed, accepted, consent, waiting, taken)


async def _made(referrals: Referrals, client: httpx.AsyncClient, ask: Ask) -> str:
    answer = await _send(referrals, client, ask)
    if not answer.is_success:
        raise RuntimeError(f"{ask.method} {ask.path}: {answer.status_code}, {answer.text}")
    return str(answer.json().get("id", ""))


async def _deliver(referrals: Referrals, case: str, consent: str) -> str:
    which = uuid4()
    connection = await asyncpg.connect(referrals.data.dsn("komuna"))
    try:
        await connection.execute("set search_path = referrals")
        await connection.execute(_DELIVERED, which, UUID(case), UUID(consent))
    finally:
        await connection.close()
    return str(which)


def reads(scene: Scene) -> list[Ask]:
    """Return every protected read, each by somebody who may."""
    paths = [
        *(
            ("thbd", f"/cases{part}")
            for part in (
                "",
                f"/{scene.sealed}",
                f"/{scene.sealed}/history",
                f"/{scene.sealed}/blocks",
                f"/{scene.sealed}/consents",
                f"/{scene.accepted}/disclosures",
            )
        ),
        ("thbd", "/referrals?box=out"),
        ("vaao", "/consent-texts"),
        ("isf", "/referrals"),
        ("isf", f"/referrals/{scene.waiting}"),
    ]
    asked = [Ask(institution, "GET", path) for institution, path in paths]
    return asked + [ask for ask in reveals(scene) if ask.method == "GET"]


def reveals(scene: Scene) -> list[Ask]:
    """Return what opens a class of data, and so is a disclosure."""
    return [
        Ask("thbd", "GET", f"/cases/{scene.sealed}/person"),
        Ask("thbd", "GET", f"/cases/{scene.sealed}/account"),
        Ask("isf", "GET", f"/cases/{scene.accepted}/person"),
        Ask("isf", "POST", f"/referrals/{scene.waiting}/transitions", _agreed()),
    ]


def writes(scene: Scene) -> list[Ask]:
    """Return every protected write, each by somebody who may."""
    case = f"/cases/{scene.sealed}"
    blocked = {"institution": "pvpt", "reason": "Somebody there knows her."}
    return [
        Ask("thbd", "POST", "/cases", _CASE),
        Ask("thbd", "PUT", f"{case}/person", _PERSON),
        Ask("thbd", "POST", f"{case}/partners", {"institution": "dsw", "role": "social_work"}),
        Ask("thbd", "POST", f"{case}/blocks", blocked),
        Ask("thbd", "POST", "/person-matches", _PERSON),
        Ask("vaao", "POST", f"{case}/consents", _consent("pvpt")),
        Ask("vaao", "POST", f"/consents/{scene.consent}/withdrawals", {}),
        Ask(
            "thbd",
            "POST",
            "/referrals",
            {
                "case_id": scene.sealed,
                "service": "isf-accommodation",
                "priority": "urgent",
                "classes": _SHARED,
            },
        ),
        Ask("isf", "POST", f"/referrals/{scene.waiting}/transitions", _agreed()),
        Ask("isf", "POST", f"/referrals/{scene.taken}/transitions", {"to": "in_progress"}),
    ]


def _agreed() -> dict[str, str]:
    meet_at = datetime.now(UTC) + timedelta(hours=2)
    return {
        "to": "accepted",
        "responsible": "intake-2",
        "handover": "accompanied",
        "meet_at": meet_at.isoformat(),
    }


def _consent(recipient: str) -> dict[str, Any]:
    return {
        "purpose": "share_with_named_recipient",
        "recipient": recipient,
        "classes": _SHARED,
        "state": "given",
        "text": "share-1",
        "text_version": "1.0.0",
        "language": "sq",
        "method": "recorded_oral",
        "given_on": datetime.now(UTC).date().isoformat(),
        "valid_until": None,
    }
