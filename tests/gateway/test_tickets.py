"""What goes with a request to a service whose database wants a proof of who asks."""

import hmac
import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Any, ClassVar

import httpx
import pytest
from pydantic import SecretStr

from komuna_deploy.postgres import tickets as installed
from komuna_gateway.settings import Settings
from komuna_gateway.tickets import Tickets
from komuna_shared.testing import Issuer
from tests.databases import TICKET_KEY
from tests.gateway.processes import Gateway
from tests.gateway.wire import Upstream, answer, request, speak

CASES = "/referrals/v1/cases"


@pytest.fixture
def referrals(services: dict[str, Upstream]) -> Iterator[Upstream]:
    upstream = services["referrals"]
    upstream.answers(answer())
    yield upstream
    upstream.handler = None


@pytest.fixture
def sent(issuer: Issuer) -> dict[str, str]:
    token = issuer.token("persona:advocate", ["referrals.cases.read"])
    return {"authorization": f"Bearer {token}", "processing-purpose": "assistance"}


def opened(ticket: bytes | None, *, key: str = TICKET_KEY) -> dict[str, Any]:
    """Return what a ticket says, once its signature holds."""
    assert ticket is not None
    body, _, mac = ticket.partition(b".")
    said = urlsafe_b64decode(body + b"=" * (-len(body) % 4))
    assert hmac.digest(key.encode(), said, "sha256").hex().encode() == mac
    found: dict[str, Any] = json.loads(said)
    return found


class TestTicket:
    async def test_says_for_whom_and_for_what(
        self, client: httpx.AsyncClient, referrals: Upstream, sent: dict[str, str], issuer: Issuer
    ) -> None:
        await client.get(CASES, headers=sent)
        await client.get(CASES, headers=sent | {"acting-institution": "isf"})

        first, second = (opened(call.header(b"komuna-ticket")) for call in referrals.calls)
        assert first.pop("jti") != second.pop("jti")
        assert 50 < first.pop("exp") - time.time() <= 60
        assert first == {
            "kid": installed.kid(TICKET_KEY),
            "iss": issuer.url,
            "sub": "persona:advocate",
            "aud": "referrals",
            "inst": None,
            "purpose": "assistance",
        }
        assert second["inst"] == "isf"
        assert referrals.calls[1].header(b"acting-institution") == b"isf"

    async def test_is_never_the_callers_own(
        self, gateway: Gateway, referrals: Upstream, sent: dict[str, str]
    ) -> None:
        forged = Tickets("a key of nobody").mint("a", "b", purpose=None, institution=None)
        lines = [f"{name}: {value}" for name, value in sent.items()]

        await speak(gateway.port, request("GET", CASES, *lines, f"Komuna-Ticket: {forged}"))

        (call,) = referrals.calls
        found = [value for name, value in call.headers if name == b"komuna-ticket"]
        assert len(found) == 1
        assert opened(found[0])["sub"] == "persona:advocate"

    @pytest.mark.parametrize("header", ["komuna-ticket", "acting-institution"])
    async def test_comes_with_no_second_one(
        self, gateway: Gateway, referrals: Upstream, sent: dict[str, str], header: str
    ) -> None:
        lines = [f"{name}: {value}" for name, value in sent.items()]

        said = await speak(
            gateway.port, request("GET", CASES, *lines, f"{header}: a", f"{header}: b")
        )

        assert said.status == 400
        assert referrals.calls == []

    @pytest.mark.parametrize("named", ["", "Arta Krasniqi", "isf'--", "i" * 101])
    async def test_is_for_no_institution_that_cannot_be(
        self, client: httpx.AsyncClient, referrals: Upstream, sent: dict[str, str], named: str
    ) -> None:
        await client.get(CASES, headers=sent | {"acting-institution": named})

        assert referrals.calls[0].header(b"komuna-ticket") is None

    async def test_repeats_no_purpose_that_is_none(
        self, client: httpx.AsyncClient, referrals: Upstream, sent: dict[str, str]
    ) -> None:
        await client.get(CASES, headers=sent | {"processing-purpose": "about Arta K"})

        assert opened(referrals.calls[0].header(b"komuna-ticket"))["purpose"] is None

    async def test_stands_for_no_service_and_for_nobody(
        self, client: httpx.AsyncClient, referrals: Upstream, issuer: Issuer
    ) -> None:
        token = issuer.service_token("indicators", ["service.cubes.read"])
        await client.get(CASES, headers={"authorization": f"Bearer {token}"})
        await client.get(CASES)

        assert [call.header(b"komuna-ticket") for call in referrals.calls] == [None, None]

    async def test_goes_where_it_is_asked_for_only(
        self, client: httpx.AsyncClient, registry: Upstream, sent: dict[str, str]
    ) -> None:
        registry.answers(answer())

        await client.get("/registry/v1/me", headers=sent)

        assert registry.calls[0].header(b"komuna-ticket") is None

    async def test_is_in_no_log_and_in_no_answer(
        self, gateway: Gateway, client: httpx.AsyncClient, referrals: Upstream, sent: dict[str, str]
    ) -> None:
        said = await client.get(CASES, headers=sent)

        ticket = referrals.calls[0].header(b"komuna-ticket")
        assert ticket is not None
        body, _, mac = ticket.decode().partition(".")
        await client.get("/livez")
        log = gateway.log.read_text()
        for secret in (body, mac, TICKET_KEY, "persona:advocate"):
            assert secret not in log
            assert secret not in str(said.headers)


class TestSettings:
    PRODUCTION: ClassVar[dict[str, Any]] = {
        "environment": "production",
        "issuer": "https://login.example.org",
        "jwks_url": "https://login.example.org/keys",
        "public_url": "https://komuna.example.org",
    }

    def test_of_production_want_a_key(self) -> None:
        with pytest.raises(ValueError, match="KOMUNA_TICKET_KEY"):
            Settings(**self.PRODUCTION)

    @pytest.mark.parametrize("key", ["short", "a" * 43, "change" + "x1Y2z3" * 7])
    def test_of_production_want_a_good_one(self, key: str) -> None:
        with pytest.raises(ValueError, match="KOMUNA_TICKET_KEY"):
            Settings(**self.PRODUCTION, ticket_key=SecretStr(key))

    def test_of_production_show_the_key_nowhere(self) -> None:
        key = "Yp3vN8sKq1ZtR5wLx7BdF2hJm9CgT4uA"

        assert key not in repr(Settings(**self.PRODUCTION, ticket_key=SecretStr(key)))
