"""The gateway's list of bodies that need no token, against what the services declare."""

from typing import Any

import pytest

from komuna_gateway.upstreams import UPSTREAMS, Upstream
from komuna_shared.routing import RouteTable
from tests import inventory


def declared(service: str) -> dict[str, int]:
    """Return the public POST addresses of a service's document, with the size of their bodies."""
    routes = RouteTable(inventory.api(service)).routes
    caps = {route.template: route.access.body for route in routes if "POST" in route.methods}
    return {
        path: caps[path]
        for path, operations in inventory.document(service)["paths"].items()
        if "post" in operations and is_public(operations["post"])
    }


def is_public(operation: dict[str, Any]) -> bool:
    """Tell whether anybody may call it; some show more to whoever says who they are."""
    return not operation["security"] or {} in operation["security"]


@pytest.mark.parametrize("upstream", UPSTREAMS, ids=lambda one: one.name)
def test_is_what_the_service_declares(upstream: Upstream) -> None:
    assert dict(upstream.open_bodies) == declared(upstream.name)


def test_would_notice_one() -> None:
    found = declared("registry")

    assert found["/v1/municipality-resolutions"] == 1024 * 1024
    assert found["/v1/hsds/services"] == 64 * 1024
