"""The frame: what every service answers beside its routes, and how it is written down."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from fastapi import APIRouter
from pydantic import SecretStr
from schemathesis.specs.openapi.definitions import OPENAPI_31

from komuna_shared.access import public
from komuna_shared.app import create_service, serve
from komuna_shared.frame import create_frame
from komuna_shared.testing import Issuer, asgi_client
from tests.databases import ServiceDatabase, database_fixture
from tests.shared.requests.sample import make_api, make_settings

Call = Callable[..., dict[str, str]]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"

empty = database_fixture("sample", None)


class TestHealth:
    async def test_lives_without_a_database(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/livez")).json() == {"status": "ok"}

    async def test_is_not_ready_without_a_database(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["code"] == "unavailable"
        assert int(answer.headers["retry-after"]) > 0

    async def test_is_ready_with_database_and_keys(
        self, issuer: Issuer, folder: Path, empty: ServiceDatabase
    ) -> None:
        api = make_api(issuer, folder, database_url=SecretStr(empty.url))

        async with asgi_client(serve(api)) as client:
            answer = await client.get("/readyz")

        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    async def test_is_not_ready_without_keys(
        self, issuer: Issuer, folder: Path, tmp_path: Path, empty: ServiceDatabase
    ) -> None:
        nowhere = (tmp_path / "none.json").as_uri()
        api = make_api(issuer, folder, database_url=SecretStr(empty.url), jwks_url=nowhere)

        async with asgi_client(serve(api)) as client:
            assert (await client.get("/readyz")).status_code == 503

    async def test_tells_details_to_operators_only(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        seen = await client.get("/readyz?verbose", headers=call("ops.read"))
        hidden = await client.get("/readyz?verbose", headers=call("other.read"))

        assert seen.json() == {"checks": {"database": False, "keys": True}}
        assert "checks" not in hidden.json()

    async def test_is_only_read(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/livez")

        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")

    async def test_names_its_version(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/version")).json()["service"] == "sample"

    async def test_counts_by_template_never_by_value(self, client: httpx.AsyncClient) -> None:
        await client.get("/v1/things/00000000-0000-4000-8000-000000000000")
        await client.request("BREW", "/v1/things")

        figures = (await client.get("/metrics")).text

        label = 'method="GET",route="/v1/things/{thing_id}",status="401"'
        assert f"komuna_request_seconds_count{{{label}}} 1.0" in figures
        assert 'method="other",route="unmatched",status="405"' in figures


class TestEveryAnswer:
    @pytest.mark.parametrize("path", ["/v1/things", "/v1/nothing", "/livez", "/v1/things/public"])
    async def test_carries_what_all_answers_carry(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        answer = await client.get(path)

        assert len(answer.headers["request-id"]) == 36
        assert answer.headers["vary"] == "Accept, Accept-Language"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-language"] == "sq"
        assert "cache-control" in answer.headers
        assert "server" not in answer.headers

    async def test_has_the_trace_of_its_caller(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/livez", headers={"traceparent": f"00-{TRACE}-{'1' * 16}-01"})

        assert answer.headers["request-id"].replace("-", "") == TRACE

    @pytest.mark.parametrize("value", [f"00-{'0' * 32}-{'1' * 16}-01", "00-zz", f"ff-{TRACE}"])
    async def test_has_a_trace_of_its_own_otherwise(
        self, client: httpx.AsyncClient, value: str
    ) -> None:
        answer = await client.get("/livez", headers={"traceparent": value})

        assert answer.headers["request-id"].replace("-", "") not in {TRACE, "0" * 32}

    @pytest.mark.parametrize("path", ["/v1/broken", "/v1/broken-answer"])
    async def test_that_failed_is_a_problem_too(
        self, client: httpx.AsyncClient, call: Call, path: str
    ) -> None:
        answer = await client.get(path, headers=call("sample.things.read"))

        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")

    async def test_logs_the_type_of_a_failure_without_its_message(
        self, client: httpx.AsyncClient, call: Call, capfd: pytest.CaptureFixture[str]
    ) -> None:
        await client.get("/v1/broken?secret=here", headers=call("sample.things.read"))

        lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
        [failure] = [line for line in lines if line["event"] == "unhandled"]
        assert failure["error_type"] == "RuntimeError"
        assert lines[-1]["route"] == "/v1/broken"
        assert lines[-1]["code"] == "internal_error"


class TestConcurrency:
    async def test_over_its_cap_is_503_and_frees_itself(self, issuer: Issuer, folder: Path) -> None:
        gate, entered = asyncio.Event(), asyncio.Event()
        router = APIRouter(redirect_slashes=False)

        @router.get("/v1/slow", dependencies=[public()])
        async def wait() -> None:
            entered.set()
            await gate.wait()

        settings = make_settings(issuer, folder, concurrency=1)
        app = serve(create_service("sample", settings=settings, routers=[router]))
        async with asgi_client(app) as client:
            first = asyncio.create_task(client.get("/v1/slow"))
            await entered.wait()
            refused = await client.get("/v1/slow")
            gate.set()

            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert (await first).status_code == 200
            assert (await client.get("/v1/slow")).status_code == 200


class TestDocument:
    async def test_is_valid_openapi(self, client: httpx.AsyncClient) -> None:
        document = (await client.get("/openapi.json")).json()

        assert document["openapi"].startswith("3.1")
        jsonschema.Draft202012Validator(OPENAPI_31).validate(document)

    async def test_names_operations_and_says_who_may_call(self, client: httpx.AsyncClient) -> None:
        paths = (await client.get("/openapi.json")).json()["paths"]

        listing = paths["/v1/things"]["get"]
        assert listing["operationId"] == "listThings"
        assert listing["security"] == [{"bearer": ["sample.things.read"]}]
        assert paths["/v1/things/public"]["get"]["security"] == []

    async def test_lists_the_problems_of_every_operation(self, client: httpx.AsyncClient) -> None:
        paths = (await client.get("/openapi.json")).json()["paths"]

        common = {"400", "406", "429", "500", "503"}
        for operations in paths.values():
            for operation in operations.values():
                problems = {code for code in operation["responses"] if code >= "4"}
                assert problems >= common
                for code in problems:
                    content = operation["responses"][code]["content"]
                    reference = {"$ref": "#/components/schemas/Problem"}
                    assert content == {"application/problem+json": {"schema": reference}}
        making = paths["/v1/things"]["post"]["responses"]
        assert making.keys() >= {"201", "401", "403", "413", "415", "422"}
        assert "422" not in paths["/v1/things/public"]["get"]["responses"]


class TestFrame:
    async def test_stands_without_a_database(self, issuer: Issuer, folder: Path) -> None:
        api = create_frame("gateway", settings=make_settings(issuer, folder), routers=[])

        def state_of(name: str) -> Any:
            return getattr(api.state, name, None)

        assert state_of("database") is None
        assert state_of("base_url") == "http://localhost:8080"
