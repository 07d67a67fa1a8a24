"""Which tokens get past the door."""

import base64
import json
import time
from typing import Any

import httpx
import pytest

from komuna_shared.testing import Issuer
from tests.gateway.wire import Upstream, answer


def unsigned(claims: dict[str, Any]) -> str:
    parts = [{"alg": "none", "typ": "at+jwt"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*encoded, ""])


class TestTokens:
    @pytest.mark.parametrize(
        "kind", ["forged", "expired", "audience", "issuer", "none", "garbage", "scheme", "empty"]
    )
    async def test_refuses_before_the_service_hears_of_it(
        self, client: httpx.AsyncClient, registry: Upstream, issuer: Issuer, kind: str
    ) -> None:
        registry.answers(answer())
        now = int(time.time())
        claims = {"iss": issuer.url, "sub": "a", "aud": "komuna", "exp": now + 60, "iat": now}
        header = {
            "forged": f"Bearer {Issuer().token('persona:ops')}",
            "expired": f"Bearer {issuer.token('persona:ops', iat=now - 700, exp=now - 100)}",
            "audience": f"Bearer {issuer.token('persona:ops', aud='other')}",
            "issuer": f"Bearer {issuer.token('persona:ops', iss='http://other.test')}",
            "none": f"Bearer {unsigned(claims)}",
            "garbage": "Bearer a.b.c",
            "scheme": "Basic b3BzOm9wcw==",
            "empty": "Bearer",
        }[kind]

        answered = await client.get("/registry/v1/me", headers={"authorization": header})

        assert answered.status_code == 401
        assert answered.headers["www-authenticate"].startswith("Bearer")
        assert answered.json()["code"] == "invalid_token"
        assert not registry.calls

    async def test_passes_a_valid_token_on(
        self, client: httpx.AsyncClient, registry: Upstream, signed: dict[str, str]
    ) -> None:
        registry.answers(answer())

        assert (await client.get("/registry/v1/me", headers=signed)).status_code == 200
        assert registry.calls[0].header(b"authorization") == signed["authorization"].encode()

    async def test_leaves_it_to_the_service_who_may_read_without_one(
        self, client: httpx.AsyncClient, registry: Upstream
    ) -> None:
        registry.answers(answer(b"{}", status=b"401 Unauthorized"))

        assert (await client.get("/registry/v1/me")).status_code == 401
        assert len(registry.calls) == 1
