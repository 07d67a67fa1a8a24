"""Put the gateway together: the door, the way to the services, and the few pages of its own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from pathlib import Path

from fastapi import FastAPI
from limits.aio.storage.base import SlidingWindowCounterSupport
from limits.storage import storage_from_string
from prometheus_client import start_http_server
from starlette.types import ASGIApp

from komuna_gateway import discovery, docs, health, openapi, problem_pages
from komuna_gateway.cors import Cors
from komuna_gateway.door import Door, Rules
from komuna_gateway.health import Readiness
from komuna_gateway.journal import Journal
from komuna_gateway.openapi import Catalogue
from komuna_gateway.proxy import Proxy, Service
from komuna_gateway.quotas import MemoryWindows, Quotas, Windows
from komuna_gateway.settings import Settings
from komuna_gateway.tickets import Tickets
from komuna_gateway.transport import PyreqwestTransport, Transport
from komuna_gateway.upstreams import UPSTREAMS, USUAL
from komuna_shared.frame import create_frame
from komuna_shared.guard import AccessLayer
from komuna_shared.languages import add_catalogue
from komuna_shared.logging import log
from komuna_shared.metrics import Metrics
from komuna_shared.openapi import document
from komuna_shared.routing import RouteTable

DESCRIPTION = (
    "Who watches over human rights in Kosovo's 38 municipalities, what they report, and how "
    "victims of trafficking are referred: three services behind one door."
)


def create_api(settings: Settings | None = None) -> FastAPI:
    """Return the gateway's own pages, and in its state what leads to the services."""
    add_catalogue(Path(__file__).parent / "locale")
    settings = settings or Settings()
    api = create_frame(
        "gateway",
        settings=settings,
        routers=[one.router for one in (discovery, docs, health, openapi, problem_pages)],
        lifespan=_run,
        description=DESCRIPTION,
    )
    api.title = "Komuna"
    state = api.state
    state.services = {
        one.name: Service(_transport(settings, one.name), places=settings.upstream_places)
        for one in UPSTREAMS
    }
    state.journal = Journal(settings.log_level)
    state.metrics = Metrics()
    state.readiness = Readiness(state.services)
    state.catalogue = Catalogue(state.services)
    state.quotas = Quotas(
        _windows(settings),
        verified=settings.quota_verified,
        address=settings.quota_address,
        open_body=settings.quota_open_body,
        at_once=settings.quota_at_once,
    )
    return api


def create_app() -> ASGIApp:
    """Return what the server runs: the door, the proxy behind it, the pages behind that."""
    api = create_api()
    state = api.state
    table = RouteTable(api)
    api.openapi = lambda: document(api, table)  # type: ignore[method-assign]
    rules = Rules(
        verifier=state.verifier,
        quotas=state.quotas,
        cors=Cors(state.settings.cors_origins),
        journal=state.journal,
        metrics=state.metrics,
        public_url=state.settings.public_url,
    )
    house = AccessLayer(api, table, state.verifier)
    return Door(Proxy(state.services, state.quotas, _tickets(state.settings)), house, rules)


@asynccontextmanager
async def _run(api: FastAPI) -> AsyncIterator[None]:
    with _figures(api.state.settings, api.state.metrics):
        yield
    for service in api.state.services.values():
        await service.transport.close()
    api.state.journal.write()


@contextmanager
def _figures(settings: Settings, metrics: Metrics) -> Iterator[None]:
    if not settings.metrics_port:
        yield
        return
    server, thread = start_http_server(
        settings.metrics_port, settings.metrics_host, registry=metrics.registry
    )
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def _tickets(settings: Settings) -> Tickets | None:
    if settings.ticket_key is None:
        # Only in development: behind the second wall nobody sees anything then.
        log.warning("no_tickets")
        return None
    return Tickets(settings.ticket_key.get_secret_value())


def _transport(settings: Settings, service: str) -> Transport:
    origin, places = settings.origin_of(service), settings.upstream_places
    if settings.upstream_client == "aiohttp":
        # Installed only where it is chosen.
        module = import_module("komuna_gateway.transport_aiohttp")
        chosen: Transport = module.AiohttpTransport(
            origin, connections=places, seconds=USUAL.seconds
        )
        return chosen
    return PyreqwestTransport(origin, connections=places, seconds=USUAL.seconds)


def _windows(settings: Settings) -> Windows:
    if not settings.quota_store:
        return MemoryWindows()
    store = storage_from_string(settings.quota_store, wrap_exceptions=True)
    if not isinstance(store, SlidingWindowCounterSupport):
        raise TypeError("KOMUNA_QUOTA_STORE names no store with asynchronous sliding windows.")
    return store
