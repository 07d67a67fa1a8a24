"""What tests do over HTTP to come to a case with a person in it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

Headers = Callable[..., dict[str, str]]

SCOPES = tuple(
    f"referrals.{one}"
    for one in (
        "me.read",
        "cases.read",
        "cases.write",
        "people.read",
        "people.write",
        "consents.read",
        "consents.write",
        "referrals.read",
        "referrals.write",
        "disclosures.read",
    )
)
CASE: dict[str, Any] = {
    "basis": "interview_consent",
    "age_band": "adult",
    "sex": "F",
    "needs": ["emergency_accommodation"],
    "indicators": ["act.recruitment", "means.deception"],
    "languages": ["sq"],
}
PERSON: dict[str, Any] = {
    "first_name": "Šqipe",
    "last_name": "Xhemajli",
    "birth_year": 1999,
    "personal_number": "1170707070",
    "citizenships": ["XK", "AL"],
    "telephone": "+38344909090",
    "address": "Rruga e Dardanisë 17",
}
PATIENCE = 3
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CHANGING = {"date", "request-id", "ratelimit"}


def nameless(response: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """Return an answer as anybody would get it: ids and instants are taken out."""
    kept = {name: it for name, it in response.headers.items() if name not in _CHANGING}
    return response.status_code, _UUID.sub("ID", response.text), kept


@dataclass(frozen=True)
class Worker:
    """Somebody who holds a role at an institution, at their desk."""

    client: httpx.AsyncClient
    headers: Headers
    sub: str

    async def get(self, path: str, **more: str) -> httpx.Response:
        return await self._ask("GET", path, self._sent(more))

    async def send(
        self, method: str, path: str, body: Any, *, key: str | None = None, **more: str
    ) -> httpx.Response:
        """Send a body under an `Idempotency-Key`, a fresh one unless given."""
        headers = self._sent({"idempotency-key": key or str(uuid4())} | more)
        return await self._ask(method, path, headers, json=body)

    async def post(self, path: str, body: Any, **more: str) -> httpx.Response:
        return await self.send("POST", path, body, **more)

    async def open_case(self, **more: Any) -> dict[str, Any]:
        response = await self.post("/v1/cases", CASE | more)
        assert response.status_code == 201, response.text
        found: dict[str, Any] = response.json()
        return found

    async def write_person(self, case_id: str, **more: Any) -> httpx.Response:
        path = f"/v1/cases/{case_id}/person"
        response = await self.send("PUT", path, PERSON | more, if_none_match="*")
        assert response.status_code == 200, response.text
        return response

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], **body: Any
    ) -> httpx.Response:
        # A machine that is busy with other tests may be slower than a record may take; what was
        # not recorded was not done either, and is sent again.
        for _ in range(PATIENCE):
            response = await self.client.request(method, path, headers=headers, **body)
            if response.status_code != 503:
                break
        return response

    def _sent(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("-", "_"): value for name, value in more.items()}
        return self.headers(self.sub, scopes=SCOPES, **named)


Hire = Callable[..., Awaitable[Worker]]
