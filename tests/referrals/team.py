"""People of several institutions around one service, who open cases, consent and refer."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from komuna_referrals.clients.registry import RegistryClient
from komuna_referrals.main import create_api
from komuna_referrals.settings import Settings
from komuna_shared.app import serve
from komuna_shared.http import ServiceClient
from komuna_shared.testing import asgi_client
from tests.referrals.casework import CASE, PERSON, SCOPES, Headers
from tests.referrals.conftest import Grant

CAST = {
    "thbd": ("investigator", "supervisor"),
    "vaao": ("advocate",),
    "isf": ("shelter_intake",),
    "pvpt": ("shelter_intake",),
}
SHARED = ["A", "B", "F"]
WORDS = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-][\d:]+)"
)
OWN = {"date", "request-id", "etag", "location"}


@dataclass
class Registry:
    """What stands where registry is: it answers as registry's document says, or not at all."""

    is_down: bool = False
    licences: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            f"{institution}-accommodation": {
                "service": f"{institution}-accommodation",
                "institution": institution,
                "type": "emergency_accommodation",
                "is_active": True,
                "is_licensed": True,
                "licence_until": "2027-01-01",
                "is_synthetic": True,
            }
            for institution in ("isf", "pvpt", "thbd")
        }
    )
    institutions: frozenset[str] = frozenset({*CAST, "police"})
    holders: frozenset[str] = frozenset({"shelter_intake"})
    notices: list[tuple[str, bytes]] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.is_down:
            return httpx.Response(503, json={"code": "unavailable"})
        if request.url.path == "/v1/notices":
            self.notices.append((request.headers["idempotency-key"], request.content))
            count = int(json.loads(request.content)["recipient"]["role"] in self.holders)
            return httpx.Response(202, json={"id": str(uuid4()), "recipient_count": count})
        if request.url.path.startswith("/v1/institutions/"):
            code = request.url.path.rpartition("/")[2]
            if code in self.institutions:
                return httpx.Response(200, json={"code": code, "kind": "police"})
            return httpx.Response(404, json={"code": "not_found"})
        found = self.licences.get(request.url.path.rpartition("/")[2])
        if found is None:
            return httpx.Response(404, json={"code": "not_found"})
        return httpx.Response(200, json=found)

    def client(self) -> RegistryClient:
        transport = httpx.MockTransport(self.answer)
        return RegistryClient(ServiceClient("http://registry", transport=transport))


@dataclass
class Team:
    """One service, and everybody who asks it."""

    api: FastAPI
    client: httpx.AsyncClient
    headers: Headers
    registry: Registry

    def of(self, institution: str, **more: str) -> dict[str, str]:
        """Return what a person of an institution sends."""
        return self.headers(f"persona:{institution}", scopes=SCOPES, **more)

    async def get(self, institution: str, path: str, **more: str) -> httpx.Response:
        return await self.client.get(f"/v1{path}", headers=self.of(institution, **more))

    async def post(
        self, institution: str, path: str, body: Any = None, **more: str
    ) -> httpx.Response:
        headers = self.of(institution, **({"idempotency_key": str(uuid4())} | more))
        return await self.client.post(f"/v1{path}", json=body, headers=headers)

    async def open_case(self, **more: Any) -> str:
        """Open a case of the police, with a person in it and the advocate beside."""
        made = await self.post("thbd", "/cases", CASE | more)
        assert made.status_code == 201, made.text
        case = str(made.json()["id"])
        headers = self.of("thbd", if_none_match="*", idempotency_key=str(uuid4()))
        put = await self.client.put(f"/v1/cases/{case}/person", json=PERSON, headers=headers)
        assert put.status_code in {200, 201}, put.text
        partner = {"institution": "vaao", "role": "advocacy"}
        assert (await self.post("thbd", f"/cases/{case}/partners", partner)).status_code == 201
        return case

    async def consent(self, case: str, **more: Any) -> str:
        """Record that the person agrees to be known to the shelter."""
        made = await self.post("vaao", f"/cases/{case}/consents", consent() | more)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def draft(self, case: str, **more: Any) -> str:
        """Begin a referral to the shelter."""
        made = await self.post("thbd", "/referrals", referral(case) | more)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def move(self, institution: str, which: str, to: str, **more: Any) -> httpx.Response:
        """Move a referral on, having read it."""
        tag = (await self.get(institution, f"/referrals/{which}")).headers.get("etag", '"none"')
        path = f"/referrals/{which}/transitions"
        return await self.post(institution, path, {"to": to} | more, if_match=tag)

    async def send(self, case: str) -> str:
        """Begin a referral and send it."""
        which = await self.draft(case)
        for state in ("consent_pending", "sent"):
            moved = await self.move("thbd", which, state)
            assert moved.status_code == 201, moved.text
        return which

    async def accept(self, which: str) -> httpx.Response:
        """Open the envelope and accept."""
        assert (await self.move("isf", which, "delivered")).status_code == 201
        return await self.move("isf", which, "accepted", **agreed())

    async def accepted(self) -> tuple[str, str, str]:
        """Return a case, a consent and a referral that was accepted on it."""
        case = await self.open_case()
        consent_id = await self.consent(case)
        which = await self.send(case)
        done = await self.accept(which)
        assert done.status_code == 201, done.text
        return case, consent_id, which


def wordless(response: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """Return an answer without its own ids, instants and tags, with its order and its length."""
    kept = {name: it for name, it in response.headers.items() if name not in OWN}
    # A page's cursor is sealed anew each time.
    body = re.sub(r'"next(?:_cursor)?":"[^"]*"', '"next":"CURSOR"', response.text)
    return response.status_code, WORDS.sub("OWN", body), kept


def consent() -> dict[str, Any]:
    today = date.today()  # noqa: DTZ011 -- behind Belgrade at most, never ahead of it.
    return {
        "purpose": "share_with_named_recipient",
        "recipient": "isf",
        "classes": SHARED,
        "state": "given",
        "text": "share-1",
        "text_version": "1.0.0",
        "language": "sr-Latn",
        "method": "recorded_oral",
        "given_on": today.isoformat(),
        "valid_until": (today + timedelta(days=90)).isoformat(),
    }


def referral(case: str) -> dict[str, Any]:
    return {
        "case_id": case,
        "service": "isf-accommodation",
        "priority": "urgent",
        "classes": SHARED,
    }


def agreed() -> dict[str, str]:
    meet_at = datetime.now(UTC) + timedelta(hours=2)
    return {
        "responsible": "Head of intake",
        "handover": "accompanied",
        "meet_at": meet_at.isoformat(),
    }


@pytest.fixture
async def team(settings: Settings, headers: Headers, grant: Grant) -> AsyncIterator[Team]:
    for institution, roles in CAST.items():
        for role in roles:
            await grant(role, sub=f"persona:{institution}", institution=institution)
    registry = Registry()
    api = create_api(settings)
    async with asgi_client(serve(api)) as client:
        api.state.registry = registry.client()
        async with api.state.database.session() as session:
            # On a busy machine the first connection alone may take longer than a record may.
            await session.execute(text("select 1"))
        yield Team(api, client, headers, registry)
