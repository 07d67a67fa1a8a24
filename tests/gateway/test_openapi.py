"""One document out of the services' own."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from komuna_gateway.openapi import merge
from tests.gateway.processes import running_gateway
from tests.gateway.wire import Call, Upstream, answer


def document(*paths: str, schema: str = "Page") -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    problem = {"$ref": "#/components/schemas/Problem"}
    operation = {
        "operationId": "listChanges",
        "tags": ["changes"],
        "security": [{"bearer": ["a.read"]}],
        "responses": {"200": {"schema": reference}, "404": {"schema": problem}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "a", "version": "1"},
        "paths": {path: {"get": operation} for path in paths},
        "components": {
            "schemas": {
                schema: {
                    "properties": {"next": reference},
                    "discriminator": {"mapping": {"a": f"#/components/schemas/{schema}"}},
                },
                "Problem": {"type": "object"},
            },
            "securitySchemes": {"bearer": {"type": "http"}},
        },
    }


OWN = {
    "openapi": "3.1.0",
    "info": {"title": "Komuna", "version": "1", "description": "All."},
    "paths": {"/limits": {"get": {"operationId": "getLimits", "responses": {}}}},
}


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(references(one) for one in value.values()))
    if isinstance(value, list):
        return set().union(*(references(one) for one in value))
    is_reference = isinstance(value, str) and value.startswith("#/")
    return {value} if is_reference else set()


class TestMerge:
    def test_puts_paths_under_their_service(self) -> None:
        merged = merge(OWN, {"registry": document("/v1/a"), "referrals": document("/v1/a")})

        assert set(merged["paths"]) == {"/limits", "/registry/v1/a", "/referrals/v1/a"}

    def test_keeps_names_apart_that_mean_different_things(self) -> None:
        merged = merge(OWN, {"registry": document("/v1/a"), "referrals": document("/v1/a")})

        schemas = merged["components"]["schemas"]
        assert set(schemas) == {"Problem", "RegistryPage", "ReferralsPage"}
        assert list(merged["components"]["securitySchemes"]) == ["bearer"]
        for reference in references(merged):
            assert reference.rpartition("/")[2] in schemas

    def test_gives_every_operation_a_name_of_its_own(self) -> None:
        merged = merge(OWN, {"registry": document("/v1/a"), "referrals": document("/v1/a")})

        operations = [one["get"] for one in merged["paths"].values()]
        assert {one["operationId"] for one in operations} == {
            "getLimits",
            "listRegistryChanges",
            "listReferralsChanges",
        }

    def test_says_which_service_is_missing(self) -> None:
        merged = merge(OWN, {"registry": document("/v1/a"), "referrals": None})

        assert merged["x-missing-services"] == ["referrals"]
        assert "referrals" in merged["info"]["description"]

    def test_leaves_its_sources_alone(self) -> None:
        given = document("/v1/a")
        before = json.dumps([OWN, given])

        merge(OWN, {"registry": given})

        assert json.dumps([OWN, given]) == before


@pytest.fixture
async def fresh(
    services: dict[str, Upstream], jwks_url: str, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who asks a gateway that has fetched no document yet, as it keeps what it had."""

    async def handle(call: Call) -> None:
        await call.say(answer(json.dumps(document("/v1/a")).encode()))

    for service in services.values():
        service.does(handle)
    origins = {name: service.origin for name, service in services.items()}
    async with (
        running_gateway(tmp_path, jwks_url, origins) as gateway,
        httpx.AsyncClient(base_url=gateway.url, trust_env=False, timeout=30) as client,
    ):
        yield client


class TestReadOpenapi:
    async def test_shows_all_services_and_goes_on_without_one(
        self, fresh: httpx.AsyncClient, services: dict[str, Upstream]
    ) -> None:
        services["referrals"].answers(answer(b"Traceback", status=b"500 Broken"))

        answered = await fresh.get("/openapi.json")

        shown = answered.json()
        assert answered.headers["content-type"] == "application/json"
        assert {"/limits", "/registry/v1/a", "/indicators/v1/a"} <= set(shown["paths"])
        assert shown["x-missing-services"] == ["referrals"]

        unchanged = await fresh.get(
            "/openapi.json", headers={"if-none-match": answered.headers["etag"]}
        )
        assert unchanged.status_code == 304
