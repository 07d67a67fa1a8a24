"""The referrals service as a whole: readiness, its document, its settings."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from komuna_referrals.main import create_api
from komuna_referrals.settings import Settings
from komuna_shared.app import serve
from komuna_shared.testing import Issuer, asgi_client
from tests.databases import BLIND_INDEX_KEY, ROOT_KEY, ServiceDatabase, database_fixture
from tests.referrals.conftest import as_owner

keystore = database_fixture("keystore_referrals", "komuna_referrals.keystore")


class TestReadiness:
    async def test_is_given_with_data_keys_and_keystore(
        self, client: httpx.AsyncClient, issuer: Issuer
    ) -> None:
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        token = issuer.token("persona:ops", ["ops.read"])
        seen = await client.get("/readyz?verbose", headers={"authorization": f"Bearer {token}"})
        assert seen.json()["checks"] == {"database": True, "keystore": True, "keys": True}

    async def test_is_lost_with_the_keystore(
        self, client: httpx.AsyncClient, keystore: ServiceDatabase
    ) -> None:
        async with as_owner(keystore) as owner:
            await owner.execute("revoke select on wrapped_key from keystore_referrals_app")

        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/livez")).status_code == 200

    async def test_is_never_given_where_the_keystore_is_unreachable(
        self, settings: Settings
    ) -> None:
        elsewhere = SecretStr("postgresql+asyncpg://nobody:x@127.0.0.1:1/keystore_referrals")
        lost = settings.model_copy(update={"keystore_url": elsewhere})

        async with asgi_client(serve(create_api(lost))) as client:
            assert (await client.get("/readyz")).status_code == 503


class TestDocument:
    async def test_offers_what_stands_and_nothing_else(self, client: httpx.AsyncClient) -> None:
        document = (await client.get("/openapi.json")).json()

        found = {path: set(methods) for path, methods in document["paths"].items()}
        assert found == {
            "/v1/cases": {"get", "post"},
            "/v1/cases/{case_id}": {"get"},
            "/v1/cases/{case_id}/account": {"get"},
            "/v1/cases/{case_id}/blocks": {"get", "post"},
            "/v1/cases/{case_id}/consents": {"get", "post"},
            "/v1/cases/{case_id}/disclosures": {"get"},
            "/v1/cases/{case_id}/history": {"get"},
            "/v1/cases/{case_id}/identification-decisions": {"post"},
            "/v1/cases/{case_id}/partners": {"post"},
            "/v1/cases/{case_id}/person": {"get", "put"},
            "/v1/consent-texts": {"get"},
            "/v1/consents/{consent_id}/withdrawals": {"post"},
            "/v1/me/tasks": {"get"},
            "/v1/person-matches": {"post"},
            "/v1/referrals": {"get", "post"},
            "/v1/referrals/{referral_id}": {"get"},
            "/v1/referrals/{referral_id}/transitions": {"post"},
        }

    async def test_asks_everywhere_for_a_token_and_a_purpose(
        self, client: httpx.AsyncClient
    ) -> None:
        document = (await client.get("/openapi.json")).json()
        shared = document["components"]["parameters"]
        for operation in operations(document):
            assert operation["security"]
            stated = (
                shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
                for one in operation["parameters"]
            )
            named = {one["name"].lower(): one for one in stated if one["in"] == "header"}
            assert named["processing-purpose"]["required"] is True


class TestSettings:
    PRODUCTION: dict[str, Any] = {  # noqa: RUF012 -- nobody changes it.
        "environment": "production",
        "issuer": "https://login.example.org",
        "jwks_url": "https://login.example.org/keys",
        "public_url": "https://komuna.example.org",
        "keystore_root_key": ROOT_KEY,
        "blind_index_key": BLIND_INDEX_KEY,
        "cursor_key": SecretStr("Yp3vN8sKq1ZtR5wLx7BdF2hJm9CgT4uA"),
        "database_url": SecretStr(
            "postgresql+asyncpg://referrals_app:h8Kd2mQx9LwZ@postgres/komuna"
        ),
    }

    def test_refuse_a_keystore_on_the_server_of_the_data(self) -> None:
        beside = SecretStr("postgresql+asyncpg://k:h8Kd2mQx9LwZ@postgres:5432/keystore_referrals")

        with pytest.raises(ValueError, match="KOMUNA_KEYSTORE_URL"):
            Settings(**self.PRODUCTION, keystore_url=beside)

    def test_accept_a_keystore_of_its_own(self) -> None:
        apart = SecretStr("postgresql+asyncpg://k:h8Kd2mQx9LwZ@keystore/keystore_referrals")

        assert Settings(**self.PRODUCTION, keystore_url=apart).is_production

    def test_have_no_default_for_the_keystore(self, settings: Settings) -> None:
        with pytest.raises(ValueError, match="keystore_url"):
            Settings(**settings.model_dump(exclude={"keystore_url"}))


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()
