"""Which service answers which addresses, and what a body there may be; one row each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

KILO = 1024
MEGA = 1024 * KILO


@dataclass(frozen=True, slots=True)
class Upstream:
    """One service behind the gateway."""

    name: str
    # The first segments that lead into the service; to its /metrics or /readyz there is no way.
    roots: frozenset[str]
    # The POST addresses that take a body from a caller without a token, and how many bytes.
    # A test compares them with what the service itself declares public.
    open_bodies: Mapping[str, int] = field(default_factory=dict)
    # Whether its database wants a proof of who asks, beside what the service says.
    takes_tickets: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """How much a request may bring, and how long it may take in all."""

    body: int
    seconds: float
    # As the services are told it.
    milliseconds: str


@dataclass(frozen=True, slots=True)
class Route:
    """Where one request goes, and how far it may go."""

    upstream: Upstream
    target: str
    reach: Reach


UPSTREAMS = (
    Upstream(
        "registry",
        frozenset({"v1", "hsds"}),
        {
            "/v1/municipality-resolutions": MEGA,
            "/v1/hsds/services": 64 * KILO,
            "/v1/hsds/service_at_locations": 64 * KILO,
        },
    ),
    Upstream("indicators", frozenset({"v1", "sdmx"})),
    Upstream("referrals", frozenset({"v1"}), takes_tickets=True),
)

USUAL = Reach(body=MEGA, seconds=10.0, milliseconds="10000")
# What is streamed rather than held may be large, and a slow line takes its time over it.
IMPORT = Reach(body=64 * MEGA, seconds=300.0, milliseconds="300000")
EXPORT = Reach(body=MEGA, seconds=300.0, milliseconds="300000")
IMPORTS = "/v1/imports"
EXPORTS = "/v1/exports/"

_BY_NAME = {upstream.name: upstream for upstream in UPSTREAMS}


@lru_cache(maxsize=8192)
def route(path: str, method: str) -> Route | None:
    """Return where a checked path leads, or None when it leads to no service."""
    end = path.find("/", 1)
    upstream = _BY_NAME.get(path[1:end]) if end > 0 else None
    if upstream is None:
        return None
    target = path[end:]
    slash = target.find("/", 1)
    if slash < 0 or target[1:slash] not in upstream.roots:
        return None
    return Route(upstream, target, _reach(target, method))


def open_body(found: Route, method: str) -> int:
    """Return how many bytes a caller without a token may send to this address."""
    return found.upstream.open_bodies.get(found.target, 0) if method == "POST" else 0


def _reach(target: str, method: str) -> Reach:
    if target == IMPORTS and method == "POST":
        return IMPORT
    return EXPORT if target.startswith(EXPORTS) else USUAL
