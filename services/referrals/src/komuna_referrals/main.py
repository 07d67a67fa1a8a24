"""The referrals service, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp

from komuna_referrals.blocks import routes as blocks
from komuna_referrals.cases import routes as cases
from komuna_referrals.clients.registry import RegistryClient
from komuna_referrals.consents import routes as consents
from komuna_referrals.disclosures import routes as disclosures
from komuna_referrals.keystore.operations import Keyring, is_ready
from komuna_referrals.partners import routes as partners
from komuna_referrals.people import routes as people
from komuna_referrals.referrals import routes as referrals
from komuna_referrals.sealing.blind import BlindIndex
from komuna_referrals.settings import Settings
from komuna_referrals.tasks import routes as tasks
from komuna_shared.app import create_service, serve
from komuna_shared.database import Database
from komuna_shared.http import ClientCredentials, ServiceClient
from komuna_shared.languages import add_catalogue

add_catalogue(Path(__file__).parent / "locale")

_ROUTERS = [
    one.router for one in (cases, partners, blocks, people, consents, referrals, disclosures, tasks)
]
_DESCRIPTION = (
    "The national referral mechanism for (presumed) victims of trafficking. Every request says its "
    "`Processing-Purpose`, and every access is recorded. What does not exist, what is not yours "
    "and what was erased are the same 404."
)


def ask_registry(settings: Settings) -> RegistryClient:
    """Return what asks registry which services there are, in this service's own name."""
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    credentials = ClientCredentials(
        settings.token_url, settings.client_id, secret, "service.directory.read"
    )
    return RegistryClient(ServiceClient(settings.registry_url, credentials=credentials))


def create_api(settings: Settings | None = None) -> FastAPI:
    """Return the API of this service."""
    settings = settings or Settings()
    url = settings.keystore_url.get_secret_value()
    keys = Database(url, pool_size=3, service="referrals_keystore")
    registry = ask_registry(settings)

    @asynccontextmanager
    async def run(_: FastAPI) -> AsyncIterator[None]:
        yield
        await registry.close()
        await keys.close()

    api = create_service(
        "referrals",
        settings=settings,
        routers=_ROUTERS,
        lifespan=run,
        description=_DESCRIPTION,
    )
    api.state.keystore = keys
    api.state.registry = registry
    api.state.keyring = keyring = Keyring(keys, settings.root_key)
    api.state.blind_index = BlindIndex(settings.blind_index_root)
    api.state.checks["keystore"] = partial(is_ready, keyring)
    return api


def create_app() -> ASGIApp:
    """Return what the server runs."""
    return serve(create_api())
