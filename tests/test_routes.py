"""The routes of every service, walked: what FastAPI lets slip and we do not."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from komuna_shared.access import public
from komuna_shared.routing import RouteTable, UndeclaredRouteError
from tests import inventory


def dependants(api: FastAPI) -> Iterator[tuple[str, Dependant]]:
    """Yield every route and every dependency, however deep, with the route's address."""
    for context in iter_route_contexts(api.routes):
        waiting = [context.dependant]
        while waiting:
            one = waiting.pop()
            if one is not None:
                yield str(context.path), one
                waiting += one.dependencies


def faults(api: FastAPI) -> list[str]:
    """Say which functions run outside the request's transaction, and which block the loop."""
    found = []
    for path, one in dependants(api):
        call: Any = one.call
        name = getattr(call, "__qualname__", type(call).__qualname__)
        if inspect.isasyncgenfunction(call) and one.scope != "function":
            found.append(f"{path}: {name} ends after the answer was sent")
        runs = call if inspect.isroutine(call) or inspect.isclass(call) else type(call).__call__
        if not (inspect.iscoroutinefunction(runs) or inspect.isasyncgenfunction(runs)):
            found.append(f"{path}: {name} is not async")
    return found


async def _late() -> AsyncIterator[int]:
    yield 1


async def _route_ends_late(value: Annotated[int, Depends(_late)]) -> int:
    return value


def _route_blocks() -> int:
    return 1


def _blocking_dependency() -> int:
    return 1


async def _route_waits(value: Annotated[int, Depends(_blocking_dependency)]) -> int:
    return value


async def _route_in_order(value: Annotated[int, Depends(_late, scope="function")]) -> int:
    return value


@pytest.mark.parametrize("route", [_route_ends_late, _route_blocks, _route_waits])
def test_a_route_with_a_fault_is_found(route: Callable[..., Any]) -> None:
    api = FastAPI(openapi_url=None)
    api.get("/v1/things")(route)

    assert len(faults(api)) == 1


def test_a_route_in_order_is_left_alone() -> None:
    api = FastAPI(openapi_url=None)
    api.get("/v1/things")(_route_in_order)

    assert faults(api) == []


def test_a_route_without_access_stops_the_service() -> None:
    api = FastAPI(openapi_url=None)
    api.get("/v1/open", dependencies=[public()])(_route_in_order)
    RouteTable(api)
    api.get("/v1/undeclared")(_route_in_order)

    with pytest.raises(UndeclaredRouteError):
        RouteTable(api)


@pytest.mark.parametrize("service", inventory.SERVICES)
class TestServices:
    def test_run_everything_inside_the_transaction_and_off_no_thread(self, service: str) -> None:
        assert faults(inventory.api(service)) == []

    def test_name_every_operation_once(self, service: str) -> None:
        paths = inventory.document(service)["paths"].values()
        ids = [one["operationId"] for methods in paths for one in methods.values()]

        assert len(ids) == len(set(ids)) > 0

    def test_say_at_every_operation_what_it_does(self, service: str) -> None:
        paths = inventory.document(service)["paths"].items()
        silent = [
            f"{method} {path}"
            for path, methods in paths
            for method, one in methods.items()
            if not one.get("description")
        ]

        assert silent == []
