"""Which route a request means, and that every route says who may call it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.routing import Route as StarletteRoute

from komuna_shared.access import (
    Assignment,
    Caller,
    Principal,
    UnguardedRouteError,
    public,
    requires,
)
from komuna_shared.app import create_service, serve
from komuna_shared.errors import MethodNotAllowedError
from komuna_shared.routing import RouteTable, UndeclaredRouteError
from komuna_shared.testing import Issuer
from tests.shared.requests.sample import Reader, make_settings
from tests.shared.requests.sockets import code_of

Call = Callable[..., dict[str, str]]
READ = "sample.things.read"
WRITE = "sample.things.write"
ONE = "/v1/things/9b5fdb9e-8c3a-4d0e-9a51-5c7f6d0c2b11"


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

    def test_an_address_without_variables_is_never_one_with_them(self) -> None:
        api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        api.patch("/v1/things/{code}", dependencies=[public()])(lambda code: code)
        api.get("/v1/things/counts", dependencies=[public()])(lambda: None)

        with pytest.raises(MethodNotAllowedError) as refused:
            RouteTable(api).resolve("/v1/things/counts", "PATCH")

        assert refused.value.headers["allow"] == "GET, HEAD"


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


class TestAccess:
    async def test_refuses_to_run_behind_another_route_or_none(self) -> None:
        mine, other = public().dependency, public().dependency

        for state in ({}, {"access": other, "principal": None}):
            with pytest.raises(UnguardedRouteError):
                await mine(Request({"type": "http", "state": state}))

        request = Request({"type": "http", "state": {"access": mine, "principal": None}})
        assert await mine(request) is None


class TestCaller:
    def test_holds_roles_where_they_were_given(self) -> None:
        principal = Principal("i", "s", "c", frozenset(), "t", 0)
        held = Assignment("municipal_officer", None, "prizren", date(2026, 1, 1), None)
        caller = Caller(principal, (held,))

        assert caller.roles == {"municipal_officer"}
        assert caller.has("municipal_officer")
        assert caller.has("municipal_officer", municipality="prizren")
        assert not caller.has("municipal_officer", municipality="peje")
        assert not caller.has("municipal_officer", institution="shelter-1")
        assert not caller.has("ops")

    def test_shows_neither_subject_nor_token(self) -> None:
        shown = repr(Principal("i", "Drita", "c", frozenset(), "secret", 0))

        assert shown == "<Principal>"
