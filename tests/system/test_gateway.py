"""The one public door of a running Komuna, from outside and from behind."""

import base64
import json
import time
from typing import Any

import httpx
import pytest

from komuna_shared.testing import Issuer
from tests.gateway.wire import request, speak
from tests.system.conftest import Stack

pytestmark = pytest.mark.system

SERVICES = ("registry", "indicators", "referrals")
CANARY = "Arta-Krasniqi-Prizren"
MEGA = 1024 * 1024


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def bad_tokens(good: str, issuer_url: str) -> dict[str, str]:
    """Return tokens that look like the good one and must not pass for it."""
    head, payload, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forger = Issuer(issuer_url)
    now = int(time.time())
    return {
        "forged": forger.token(claims["sub"], claims["scope"].split()),
        "edited": f"{head}.{encoded(claims | {'sub': 'persona:ops'})}.{signature}",
        "unsigned": f"{encoded({'alg': 'none', 'typ': 'at+jwt'})}.{payload}.",
        "expired": forger.token(claims["sub"], iat=now - 900, exp=now - 300),
        "audience": forger.token(claims["sub"], aud="another"),
        "cut": good[:-4],
    }


class TestTokens:
    async def test_bad_ones_are_refused_at_the_door_and_behind_it(
        self, stack: Stack, client: httpx.AsyncClient
    ) -> None:
        good = stack.token("ops")
        issuer_url = str(stack.description["issuer"])
        kind_by_address = {}
        for address in (stack.url + "/registry", stack.service_url("registry")):
            for kind, token in bad_tokens(good, issuer_url).items():
                answered = await client.get(
                    f"{address}/v1/me", headers={"Authorization": f"Bearer {token}"}
                )
                kind_by_address[address, kind] = (answered.status_code, answered.json()["code"])

        assert set(kind_by_address.values()) == {(401, "invalid_token")}

    async def test_a_good_one_is_answered(self, stack: Stack, client: httpx.AsyncClient) -> None:
        headers = {"Authorization": f"Bearer {stack.token('ops')}"}

        assert (await client.get("/registry/v1/me", headers=headers)).status_code == 200


class TestBodies:
    @pytest.mark.parametrize("service", SERVICES)
    async def test_200_megabytes_without_a_token_are_not_read(
        self, stack: Stack, service: str
    ) -> None:
        head = request("POST", f"/{service}/v1/imports", f"content-length: {200 * MEGA}")

        said = await speak(int(stack.url.rpartition(":")[2]), head, *([b"x" * MEGA] * 200))

        assert said.status == 401


class TestRoutes:
    @pytest.mark.parametrize("service", SERVICES)
    @pytest.mark.parametrize("path", ["metrics", "livez", "readyz", "openapi.json", "version"])
    async def test_the_services_own_pages_have_no_way_in(
        self, client: httpx.AsyncClient, service: str, path: str
    ) -> None:
        assert (await client.get(f"/{service}/{path}")).status_code == 404
        assert (await client.get("/metrics")).status_code == 404

    @pytest.mark.parametrize("service", SERVICES)
    async def test_every_operation_needs_a_token_or_is_declared_public(
        self, client: httpx.AsyncClient, service: str
    ) -> None:
        described = (await client.get("/openapi.json")).json()
        wrong = []
        for path, operations in described["paths"].items():
            if not path.startswith(f"/{service}/"):
                continue
            filled = path.replace("{", "").replace("}", "")
            for method, operation in operations.items():
                answered = await client.request(method.upper(), filled)
                # An empty way in beside others: a token is taken, and none is needed.
                is_guarded = {} not in (operation["security"] or [{}])
                if (answered.status_code == 401) != is_guarded:
                    wrong.append((method, path, answered.status_code))

        assert wrong == []


class TestDocument:
    async def test_describes_all_services_in_one(self, client: httpx.AsyncClient) -> None:
        described = (await client.get("/openapi.json")).json()

        operations = [
            one["operationId"]
            for methods in described["paths"].values()
            for one in methods.values()
        ]
        assert described["openapi"].startswith("3.1")
        assert "x-missing-services" not in described
        assert len(operations) == len(set(operations))
        assert {path.split("/")[1] for path in described["paths"]} >= set(SERVICES)

    async def test_every_problem_leads_to_a_page(self, client: httpx.AsyncClient) -> None:
        refused = [
            await client.get("/nothing"),
            await client.get("/registry/v1/municipalities?invented=1"),
            await client.get("/registry/v1/municipalities/nowhere"),
            await client.get("/referrals/v1/cases"),
        ]

        for one in refused:
            page = await client.get(one.json()["type"])
            assert page.status_code == 200, one.json()
            assert page.json()["code"] == one.json()["code"]


class TestCanary:
    async def test_a_planted_name_is_in_no_answer_log_or_metric(
        self, stack: Stack, client: httpx.AsyncClient
    ) -> None:
        headers = {"Authorization": f"Bearer {stack.token('ops')}"}
        said = []
        for service in SERVICES:
            base = f"/{service}/v1"
            said += [
                await client.get(f"{base}/{CANARY}"),
                await client.get(f"{base}/me?{CANARY}=1", headers=headers),
                await client.get(f"{base}/me/tasks", headers={"Authorization": f"Bearer {CANARY}"}),
                await client.post(f"{base}/imports", headers=headers, content=f'{{"{CANARY}":'),
                await client.get(f"{base}/changes?since={CANARY}", headers=headers),
            ]
        figures = [(await client.get(f"{stack.service_url(one)}/metrics")).text for one in SERVICES]

        assert all(one.status_code >= 400 for one in said)
        assert not [one.url for one in said if CANARY in one.text]
        assert not [one for one in figures if CANARY in one]
        logs = [path for path in stack.home.rglob("*.log") if CANARY in path.read_text()]
        assert logs == []
        assert list(stack.home.rglob("*.log"))
