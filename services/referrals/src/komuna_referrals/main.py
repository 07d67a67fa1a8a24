"""The referrals service, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp

from komuna_referrals.cases import routes as cases
from komuna_referrals.keystore import queries as keystore_queries
from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.sealing.blind import BlindIndex
from komuna_referrals.settings import Settings
from komuna_referrals.tasks import routes as tasks
from komuna_shared.app import create_service, serve
from komuna_shared.database import Database
from komuna_shared.languages import add_catalogue

add_catalogue(Path(__file__).parent / "locale")

_DESCRIPTION = (
    "The national referral mechanism for (presumed) victims of trafficking. Every request says its "
    "`Processing-Purpose`, and every access is recorded. What does not exist, what is not yours "
    "and what was erased are the same 404."
)


def create_api(settings: Settings | None = None) -> FastAPI:
    """Return the API of this service."""
    settings = settings or Settings()
    url = settings.keystore_url.get_secret_value()
    keys = Database(url, pool_size=3, service="referrals_keystore")

    @asynccontextmanager
    async def run(_: FastAPI) -> AsyncIterator[None]:
        yield
        await keys.close()

    api = create_service(
        "referrals",
        settings=settings,
        routers=[cases.router, tasks.router],
        lifespan=run,
        description=_DESCRIPTION,
    )
    api.state.keystore = keys
    api.state.keyring = Keyring(keys, settings.root_key)
    api.state.blind_index = BlindIndex(settings.blind_index_root)
    api.state.checks["keystore"] = partial(keystore_queries.is_ready, keys)
    return api


def create_app() -> ASGIApp:
    """Return what the server runs."""
    return serve(create_api())
