"""Referrals through the gateway: guarded as designed, for whoever has no part in a case."""

import asyncio
import re
from uuid import uuid4

import httpx
import pytest

from komuna_shared.testing import Issuer
from tests.system.conftest import Stack

pytestmark = pytest.mark.system

PATHS = ("/v1/cases", "/v1/cases/6f0a2c52-6d3e-4a57-9f67-0f2f3f1d5c11", "/v1/me/tasks")
OWN_WORDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")
CHANGING = {"date", "etag", "location", "request-id", "ratelimit", "ratelimit-policy"}
PURPOSE = {"processing-purpose": "assistance"}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", **PURPOSE}


def without_own_words(response: httpx.Response) -> str:
    """Return an answer with its ids, instants, tag and quota replaced by fixed words."""
    kept = {name: it for name, it in response.headers.items() if name not in CHANGING}
    text = f"{response.status_code} {sorted(kept.items())} {response.text}"
    return INSTANT.sub("INSTANT", OWN_WORDS.sub("ID", text))


async def asked(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> httpx.Response:
    """Ask again while the persona's role is still on its way from registry."""
    for _ in range(150):
        response = await client.get(path, headers=headers)
        if response.status_code not in {403, 503}:
            break
        await asyncio.sleep(0.1)
    return response


@pytest.mark.parametrize("path", PATHS)
class TestToken:
    async def test_is_needed_at_the_gateway_and_at_the_service(
        self, client: httpx.AsyncClient, stack: Stack, path: str
    ) -> None:
        for url in (f"/referrals{path}", f"{stack.service_url('referrals')}{path}"):
            response = await client.get(url, headers=PURPOSE)

            assert (response.status_code, response.json()["code"]) == (401, "unauthorized")

    async def test_of_another_issuer_is_refused_by_both(
        self, client: httpx.AsyncClient, stack: Stack, path: str
    ) -> None:
        forged = Issuer(stack.description["issuer"]).token(
            "persona:social_worker", ["referrals.cases.read", "referrals.me.read"]
        )

        for url in (f"/referrals{path}", f"{stack.service_url('referrals')}{path}"):
            response = await client.get(url, headers=bearer(forged))

            assert response.status_code == 401

    async def test_of_someone_outside_the_mechanism_is_not_enough(
        self, client: httpx.AsyncClient, stack: Stack, path: str
    ) -> None:
        response = await client.get(f"/referrals{path}", headers=bearer(stack.token("analyst")))

        assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")


class TestCases:
    async def test_are_none_for_whoever_has_none(
        self, client: httpx.AsyncClient, stack: Stack
    ) -> None:
        headers = bearer(stack.token("social_worker"))

        for path in ("/referrals/v1/cases", "/referrals/v1/me/tasks"):
            response = await asked(client, path, headers)

            assert response.status_code == 200
            assert response.json()["items"] == []
            assert response.headers["cache-control"] == "no-store"

    async def test_that_do_not_exist_are_all_the_same_404(
        self, client: httpx.AsyncClient, stack: Stack
    ) -> None:
        headers = bearer(stack.token("social_worker"))
        await asked(client, f"/referrals/v1/cases/{uuid4()}", headers)

        answers = []
        for one in (uuid4(), uuid4(), "17", "Arta-Krasniqi"):
            response = await client.get(f"/referrals/v1/cases/{one}", headers=headers)
            assert response.status_code == 404
            answers.append(without_own_words(response))

        assert all(one == answers[0] for one in answers)

    async def test_want_a_purpose(self, client: httpx.AsyncClient, stack: Stack) -> None:
        headers = bearer(stack.token("social_worker"))
        del headers["processing-purpose"]

        response = await client.get("/referrals/v1/cases", headers=headers)

        assert (response.status_code, response.json()["code"]) == (400, "purpose_missing")


class TestService:
    async def test_lives_and_is_ready(self, client: httpx.AsyncClient, stack: Stack) -> None:
        for path in ("/livez", "/readyz"):
            response = await client.get(f"{stack.service_url('referrals')}{path}")

            assert response.status_code == 200
