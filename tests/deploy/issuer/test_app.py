"""The development issuer over HTTP."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from komuna_deploy.home import Home
from komuna_deploy.issuer import clients, keys, personas
from komuna_deploy.issuer.app import PERSONA_GRANT, create_app
from komuna_shared.errors import UnauthorizedError
from komuna_shared.settings import Settings
from komuna_shared.tokens import Verifier

_URL = "http://127.0.0.1:8100"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


@pytest.fixture
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(_URL, home))
    async with httpx.AsyncClient(transport=transport, base_url=_URL) as opened:
        yield opened


def _secret(home: Home, client: str) -> str:
    return home.secret(clients.secret_name(client))


def _persona(home: Home, **more: str) -> dict[str, str]:
    return {
        "grant_type": PERSONA_GRANT,
        "client_id": clients.COMMAND,
        "client_secret": _secret(home, clients.COMMAND),
        **more,
    }


async def _claims(home: Home, token: str) -> Any:
    """Verify a token exactly as a service does."""
    settings = Settings(issuer=_URL, jwks_url=keys.write_public_keys(home))
    verifier = Verifier(settings)
    try:
        return await verifier.verify(token)
    finally:
        await verifier.close()


class TestMetadata:
    async def test_names_the_other_addresses(self, client: httpx.AsyncClient) -> None:
        found = (await client.get("/.well-known/openid-configuration")).json()
        assert found["issuer"] == _URL
        assert found["jwks_uri"] == f"{_URL}/jwks.json"
        assert found["token_endpoint"] == f"{_URL}/token"


class TestKeys:
    async def test_shows_only_the_public_part(self, client: httpx.AsyncClient) -> None:
        (key,) = (await client.get("/jwks.json")).json()["keys"]
        assert key["crv"] == "Ed25519"
        assert "d" not in key

    def test_keeps_the_key_for_the_next_start_where_nobody_reads_it(self, home: Home) -> None:
        first = keys.load_key(home)
        assert keys.load_key(home).kid == first.kid
        assert home.secret_path("issuer_key").stat().st_mode & 0o777 == 0o600


class TestPersonaToken:
    async def test_is_one_that_services_trust(self, client: httpx.AsyncClient, home: Home) -> None:
        form = _persona(home, role="municipal_officer", municipality="gjakove")
        answer = await client.post("/token", data=form)

        principal = await _claims(home, answer.json()["access_token"])

        assert principal.subject == "persona:municipal_officer:gjakove"
        assert principal.scopes == personas.ROLES["municipal_officer"].scopes
        assert not principal.is_service
        assert answer.json()["expires_in"] <= 600
        assert answer.headers["cache-control"] == "no-store"

    async def test_takes_hyphens_for_underscores(
        self, client: httpx.AsyncClient, home: Home
    ) -> None:
        answer = await client.post("/token", data=_persona(home, role="case-owner"))
        assert (await _claims(home, answer.json()["access_token"])).subject == "persona:case_owner"

    @pytest.mark.parametrize(
        "asked",
        [
            {"role": "king"},
            {"role": ""},
            {"role": "ops", "municipality": "gjakove"},
            {"role": "analyst", "municipality": "gjakove"},
            {"role": "analyst", "institution": "a:b"},
        ],
    )
    async def test_is_refused_for_who_does_not_exist(
        self, client: httpx.AsyncClient, home: Home, asked: dict[str, str]
    ) -> None:
        answer = await client.post("/token", data=_persona(home, **asked))
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})

    async def test_is_refused_without_the_secret_of_the_data_folder(
        self, client: httpx.AsyncClient, home: Home
    ) -> None:
        form = _persona(home, role="ops") | {"client_secret": "guess"}
        answer = await client.post("/token", data=form)
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})

    async def test_is_refused_to_a_service(self, client: httpx.AsyncClient, home: Home) -> None:
        form = _persona(home, role="ops") | {
            "client_id": "indicators",
            "client_secret": _secret(home, "indicators"),
        }
        answer = await client.post("/token", data=form)
        assert (answer.status_code, answer.json()) == (400, {"error": "unauthorized_client"})


class TestServiceToken:
    async def test_names_the_service_and_its_narrow_scopes(
        self, client: httpx.AsyncClient, home: Home
    ) -> None:
        answer = await client.post(
            "/token",
            data={"grant_type": "client_credentials", "scope": "service.assignments.read"},
            auth=("indicators", _secret(home, "indicators")),
        )
        principal = await _claims(home, answer.json()["access_token"])
        assert principal.is_service
        assert principal.scopes == {"service.assignments.read"}

    async def test_is_refused_a_scope_of_others(
        self, client: httpx.AsyncClient, home: Home
    ) -> None:
        answer = await client.post(
            "/token",
            data={"grant_type": "client_credentials", "scope": "registry.me.read"},
            auth=("indicators", _secret(home, "indicators")),
        )
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_scope"})

    async def test_is_refused_to_the_command(self, client: httpx.AsyncClient, home: Home) -> None:
        form = _persona(home) | {"grant_type": "client_credentials"}
        answer = await client.post("/token", data=form)
        assert (answer.status_code, answer.json()) == (400, {"error": "unauthorized_client"})


class TestTokenRequest:
    @pytest.mark.parametrize(
        ("content", "media", "status"),
        [
            ("{}", "application/json", 400),
            ("grant_type=a&grant_type=b", "application/x-www-form-urlencoded", 400),
            ("é", "application/x-www-form-urlencoded", 400),
            ("a=" + "b" * 9000, "application/x-www-form-urlencoded", 413),
        ],
    )
    async def test_is_refused_when_it_is_no_small_form(
        self, client: httpx.AsyncClient, content: str, media: str, status: int
    ) -> None:
        answer = await client.post(
            "/token", content=content.encode(), headers={"Content-Type": media}
        )
        assert (answer.status_code, answer.json()) == (status, {"error": "invalid_request"})

    @pytest.mark.parametrize("header", ["Basic !!!", "Basic " + base64.b64encode(b"\xff").decode()])
    async def test_is_refused_with_broken_credentials(
        self, client: httpx.AsyncClient, header: str
    ) -> None:
        answer = await client.post(
            "/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": header},
        )
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")

    async def test_is_refused_from_another_machine(self, home: Home) -> None:
        transport = httpx.ASGITransport(create_app(_URL, home), client=("192.0.2.7", 4711))
        async with httpx.AsyncClient(transport=transport, base_url=_URL) as far:
            answer = await far.post("/token", data=_persona(home, role="ops"))
        assert answer.status_code == 403


class TestForgery:
    async def test_of_another_key_is_not_trusted(self, home: Home, tmp_path: Path) -> None:
        other = Home(tmp_path / "other")
        other.prepare()
        transport = httpx.ASGITransport(create_app(_URL, other))
        async with httpx.AsyncClient(transport=transport, base_url=_URL) as client:
            answer = await client.post("/token", data=_persona(other, role="ops"))
        with pytest.raises(UnauthorizedError):
            await _claims(home, answer.json()["access_token"])
