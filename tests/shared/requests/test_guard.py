"""What a request must be before FastAPI sees it, and how every refusal is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import Route as StarletteRoute

from komuna_shared.access import Principal, public, requires
from komuna_shared.app import create_service, serve
from komuna_shared.guard import accepts
from komuna_shared.routing import RouteTable, UndeclaredRouteError
from komuna_shared.testing import Issuer
from tests.shared.requests.sample import Reader, make_settings

Call = Callable[..., dict[str, str]]
READ = "sample.things.read"
WRITE = "sample.things.write"
ONE = "/v1/things/9b5fdb9e-8c3a-4d0e-9a51-5c7f6d0c2b11"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["instance"] == f"urn:uuid:{answer.headers['request-id']}"
    return answer.status_code, document["code"]


class TestDeclarations:
    @pytest.mark.parametrize("declared", [[], [public(), requires("a.read")]], ids=["none", "two"])
    def test_undeclared_routes_stop_the_start(self, declared: list[Any]) -> None:
        api = FastAPI()
        api.get("/v1/things", dependencies=declared)(lambda: None)

        with pytest.raises(UndeclaredRouteError):
            RouteTable(api)

    def test_routes_that_cannot_declare_stop_the_start(self) -> None:
        api = FastAPI(openapi_url=None)
        api.router.routes.append(StarletteRoute("/plain", lambda _: None))

        with pytest.raises(UndeclaredRouteError):
            RouteTable(api)

    def test_a_service_with_one_is_refused(self, issuer: Issuer, folder: Path) -> None:
        router = APIRouter(redirect_slashes=False)
        router.get("/v1/open")(lambda: None)
        api = create_service("sample", settings=make_settings(issuer, folder), routers=[router])

        with pytest.raises(UndeclaredRouteError):
            serve(api)

    def test_are_found_through_other_dependencies_and_routers(self) -> None:
        def caller(principal: Reader) -> Principal:
            return principal

        inner = APIRouter()
        inner.get("/things")(lambda _: None)
        through = APIRouter(prefix="/v1")

        @through.get("/others")
        async def list_others(_: Annotated[Principal, Depends(caller)]) -> None: ...

        through.include_router(inner, dependencies=[public()])
        api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        api.include_router(through)

        found = {route.template: route.access.is_public for route in RouteTable(api).routes}

        assert found == {"/v1/things": True, "/v1/others": False}


class TestRoute:
    async def test_unknown_address_is_404_without_a_token(self, client: httpx.AsyncClient) -> None:
        assert code_of(await client.get("/v1/nothing")) == (404, "not_found")
        assert code_of(await client.get("/v1/things/")) == (404, "not_found")

    async def test_unknown_method_names_all_that_exist(self, client: httpx.AsyncClient) -> None:
        answer = await client.patch("/v1/things")

        assert code_of(answer) == (405, "method_not_allowed")
        assert answer.headers["allow"] == "GET, HEAD, POST"

    async def test_head_is_get_without_its_body(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        got = await client.get("/v1/things", headers=call(READ))
        asked = await client.head("/v1/things", headers=call(READ))

        assert (asked.status_code, asked.content) == (200, b"")
        assert asked.headers["content-length"] == str(len(got.content))

    async def test_identifier_that_cannot_exist_is_as_absent_as_one_that_does_not(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        assert code_of(await client.get("/v1/things/seven", headers=call(READ)))[0] == 404


class TestCaller:
    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/v1/things"), ("POST", "/v1/things"), ("PUT", ONE), ("GET", "/v1/feed")],
    )
    async def test_without_a_token_is_401(
        self, client: httpx.AsyncClient, method: str, path: str
    ) -> None:
        answer = await client.request(method, path, content=b"{ nonsense")

        assert code_of(answer) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == 'Bearer realm="komuna"'

    @pytest.mark.parametrize("path", ["/v1/things", "/v1/things/public"])
    async def test_with_a_bad_token_is_401_even_where_none_is_needed(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        answer = await client.get(path, headers={"authorization": "Bearer nobody"})

        assert code_of(answer) == (401, "invalid_token")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]

    async def test_without_the_scope_is_403(self, client: httpx.AsyncClient, call: Call) -> None:
        answer = await client.get("/v1/things", headers=call(WRITE))

        assert code_of(answer) == (403, "insufficient_scope")
        assert f'scope="{READ}"' in answer.headers["www-authenticate"]

    async def test_service_is_refused_where_a_person_is_meant(
        self, client: httpx.AsyncClient, issuer: Issuer
    ) -> None:
        token = issuer.service_token("indicators", [READ, "service.things.read"])
        headers = {"authorization": f"Bearer {token}"}

        assert code_of(await client.get("/v1/things", headers=headers))[0] == 403
        assert (await client.get("/v1/feed", headers=headers)).status_code == 200

    async def test_person_is_refused_where_a_service_is_meant(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        answer = await client.get("/v1/feed", headers=call("service.things.read"))

        assert code_of(answer) == (403, "wrong_kind_of_token")

    async def test_is_known_on_public_routes_too(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        answer = await client.get("/v1/things/public", headers=call())

        assert answer.json()["title"] == "persona:tests reads en"


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("sizes=1", "unknown_parameter"),
            ("size=1&size=2", "repeated_parameter"),
            ("size=", "invalid_parameter"),
            ("size=one", "invalid_parameter"),
            ("lang=de", "unknown_language"),
            ("lang=en&lang=sq", "repeated_parameter"),
        ],
    )
    async def test_refuses(
        self, client: httpx.AsyncClient, call: Call, query: str, code: str
    ) -> None:
        answer = await client.get(f"/v1/things?{query}", headers=call(READ))

        assert code_of(answer) == (400, code)

    async def test_says_which_parameter_is_wrong(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        answer = await client.get("/v1/things?size=one&lang=en", headers=call(READ))

        [error] = answer.json()["errors"]
        assert error == {
            "pointer": "/query/size",
            "code": "int_parsing",
            "detail": "This is not a whole number.",
        }

    async def test_says_which_parameters_exist(self, client: httpx.AsyncClient, call: Call) -> None:
        answer = await client.get("/v1/things?sizes=1", headers=call(READ))

        assert answer.json()["errors"][0]["detail"].endswith("`kind`, `lang`, `size`.")

    async def test_takes_a_list_where_a_list_is_meant(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        answer = await client.get("/v1/things?kind=a&kind=b", headers=call(READ))

        assert answer.json()[0]["title"].endswith("['a', 'b']")

    async def test_header_of_the_wrong_form_is_400(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        answer = await client.get("/v1/things", headers=call(READ) | {"flavour": "sweet"})

        assert code_of(answer) == (400, "invalid_parameter")
        assert answer.json()["errors"][0]["pointer"] == "/header/flavour"


class TestBody:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b'{"title": "a", "title": "b"}', (400, "duplicate_key")),
            (b'{"title": NaN}', (400, "not_a_number")),
            (b'{"title": -Infinity}', (400, "not_a_number")),
            (b'{"title": 1e999}', (400, "not_a_number")),
            (b"[" * 17 + b"]" * 17, (400, "too_deep")),
            (b'{"title": ', (400, "malformed_json")),
            (b'{"title": "\xff"}', (400, "malformed_json")),
            (b'{"title": "\\ud800"}', (400, "malformed_json")),
            (b"{}", (422, "invalid_body")),
            (b'{"title": "a", "role": "admin"}', (422, "unknown_field")),
            (b'{"title": "' + b"a" * 300_000 + b'"}', (413, "too_large")),
        ],
        ids=lambda value: str(value)[:30],
    )
    async def test_refuses(
        self, client: httpx.AsyncClient, call: Call, body: bytes, code: tuple[int, str]
    ) -> None:
        headers = call(WRITE) | {"content-type": "application/json"}

        assert code_of(await client.post("/v1/things", content=body, headers=headers)) == code

    @pytest.mark.parametrize(
        "headers",
        [
            {"content-type": "text/plain"},
            {"content-type": "application/x-www-form-urlencoded"},
            {"content-type": "application/json; charset=latin-1"},
            {"content-type": "application/json", "content-encoding": "gzip"},
            {},
        ],
        ids=str,
    )
    async def test_refuses_other_types(
        self, client: httpx.AsyncClient, call: Call, headers: dict[str, str]
    ) -> None:
        answer = await client.post(
            "/v1/things", content=b'{"title": "a"}', headers=call(WRITE) | headers
        )

        assert code_of(answer) == (415, "unsupported_media_type")

    @pytest.mark.parametrize(
        "kind", ["application/json; charset=UTF-8", "application/merge-patch+json"]
    )
    async def test_takes_what_the_route_reads(
        self, client: httpx.AsyncClient, call: Call, kind: str
    ) -> None:
        headers = call(WRITE) | {"content-type": kind}

        answer = await client.post("/v1/things", content=b'{"title": "a"}', headers=headers)

        assert answer.status_code == 201

    async def test_says_where_and_why(self, client: httpx.AsyncClient, call: Call) -> None:
        body = {"parts": [{"age": "many"}, {"age": 1, "names": {"Drita": 7}}], "other": 1}

        answer = await client.post("/v1/things", json=body, headers=call(WRITE))

        errors = {(one["pointer"], one["code"]) for one in answer.json()["errors"]}
        assert errors == {
            ("/title", "missing"),
            ("/parts/0/age", "int_parsing"),
            ("/parts/1/names/*", "string_type"),
            ("", "unknown_field"),
        }

    async def test_is_not_expected_with_get(self, client: httpx.AsyncClient, call: Call) -> None:
        answer = await client.request("GET", "/v1/things", content=b"{}", headers=call(READ))

        assert code_of(answer) == (400, "unexpected_body")

    @pytest.mark.parametrize("size", [100_000, 100_001])
    async def test_of_a_stream_is_counted(
        self, client: httpx.AsyncClient, call: Call, size: int
    ) -> None:
        async def pieces() -> Any:
            for start in range(0, size, 1000):
                yield b"x" * min(1000, size - start)

        headers = call("sample.imports.write") | {"content-type": "text/csv"}
        answer = await client.post("/v1/imports", content=pieces(), headers=headers)

        assert answer.status_code == (202 if size == 100_000 else 413)


class TestFormat:
    @pytest.mark.parametrize(
        ("accept", "status"),
        [
            ("*/*", 200),
            ("application/json", 200),
            ("application/*;q=0.2", 200),
            ("text/html, application/json;q=0.1", 200),
            ("text/html", 406),
            ("application/json;q=0", 406),
            ("*/*, application/json;q=0", 406),
        ],
    )
    async def test_of_the_answer_is_one_the_caller_takes(
        self, client: httpx.AsyncClient, call: Call, accept: str, status: int
    ) -> None:
        answer = await client.get("/v1/things", headers=call(READ) | {"accept": accept})

        assert answer.status_code == status

    @pytest.mark.parametrize(
        ("query", "accept", "chosen"),
        [
            ("", "*/*", "json"),
            ("", "text/csv", "csv"),
            ("?format=csv", "application/json", "csv"),
            ("?format=xlsx", "*/*", "406"),
            ("", "image/png", "406"),
        ],
    )
    async def test_of_a_report_is_chosen(
        self, client: httpx.AsyncClient, call: Call, query: str, accept: str, chosen: str
    ) -> None:
        answer = await client.get(
            f"/v1/things/report{query}", headers=call(READ) | {"accept": accept}
        )

        assert (answer.text if answer.status_code == 200 else str(answer.status_code)) == chosen

    def test_malformed_weight_is_no_weight(self) -> None:
        assert not accepts(b"application/json;q=much", "application/json")


class TestLanguage:
    @pytest.mark.parametrize(
        ("query", "header", "language", "title"),
        [
            ("", "", "sq", "Nuk u gjet"),
            ("", "sr", "sr-Latn", "Nije pronađeno"),
            ("", "sr-Cyrl-RS, en", "sr-Cyrl", "Није пронађено"),
            ("", "en-GB", "en", "Not found"),
            ("?lang=sr", "en", "sr-Latn", "Nije pronađeno"),
            ("", "de, fr;q=0.5", "sq", "Nuk u gjet"),
        ],
    )
    async def test_of_problems_is_the_callers(
        self, client: httpx.AsyncClient, query: str, header: str, language: str, title: str
    ) -> None:
        answer = await client.get(f"/v1/nothing{query}", headers={"accept-language": header})

        assert answer.headers["content-language"] == language
        assert answer.headers["vary"] == "Accept, Accept-Language"
        assert answer.json()["title"] == title
