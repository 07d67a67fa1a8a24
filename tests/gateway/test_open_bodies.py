"""The gateway's list of bodies that need no token, against what the services declare."""

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
        if operations.get("post", {}).get("security") == []
    }


@pytest.mark.parametrize("upstream", UPSTREAMS, ids=lambda one: one.name)
def test_is_what_the_service_declares(upstream: Upstream) -> None:
    assert dict(upstream.open_bodies) == declared(upstream.name)


def test_would_notice_one() -> None:
    assert declared("registry") == {"/v1/municipality-resolutions": 1024 * 1024}
