"""The web process of the indicators: every feature's routes, put together once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI
from starlette.types import ASGIApp

from komuna_indicators import access
from komuna_indicators.catalogue.jobs import catalogue_collections
from komuna_indicators.catalogue.routes import router as catalogue
from komuna_indicators.catalogue.snapshot import Shelf
from komuna_indicators.clients.registry import RegistryClient
from komuna_indicators.explanations.routes import router as explanations
from komuna_indicators.forms.jobs import form_collection
from komuna_indicators.forms.routes import router as forms
from komuna_indicators.obligations.jobs import obligation_collection
from komuna_indicators.obligations.routes import router as obligations
from komuna_indicators.observations.exports import OBSERVATIONS
from komuna_indicators.observations.jobs import observation_collection
from komuna_indicators.observations.routes import router as observations
from komuna_indicators.publications.routes import router as publications
from komuna_indicators.releases.routes import router as releases
from komuna_indicators.reports.routes import router as reports
from komuna_indicators.settings import Settings
from komuna_indicators.submissions.routes import router as submissions
from komuna_indicators.tasks.routes import router as tasks
from komuna_indicators.workbooks.routes import forms_router as workbooks
from komuna_indicators.workbooks.routes import router as submission_files
from komuna_shared.app import create_service, serve
from komuna_shared.changes import changes_router
from komuna_shared.exports import exports_router
from komuna_shared.http import ServiceClient
from komuna_shared.imports import Collection, imports_router
from komuna_shared.languages import add_catalogue

DATASETS = (OBSERVATIONS,)
_DESCRIPTION = "What municipalities and institutions report and what is published about it: "
_DESCRIPTION += "every figure with its source, its status, and the reason where there is none."
_RESOLVING_DEADLINE = 5.0


def make_collections(settings: Settings) -> tuple[Collection[Any], ...]:
    """Return every collection that may be imported, in the order in which they build on another."""
    # Names of municipalities are resolved for everybody: registry needs no token for it.
    registry = RegistryClient(ServiceClient(settings.registry_url, deadline=_RESOLVING_DEADLINE))
    return (
        *catalogue_collections(access.EDITORS),
        observation_collection(registry, access.EDITORS),
        form_collection(access.EDITORS),
        obligation_collection(access.EDITORS),
    )


def create_api(settings: Settings | None = None) -> FastAPI:
    """Return the API of the indicators."""
    chosen = settings or Settings.model_validate({})
    return create_service(
        "indicators",
        settings=chosen,
        routers=[
            catalogue,
            observations,
            explanations,
            releases,
            forms,
            obligations,
            reports,
            workbooks,
            submissions,
            publications,
            submission_files,
            tasks,
            imports_router(make_collections(chosen), access.load_importer),
            exports_router(DATASETS, access.load_exporter),
            changes_router(),
        ],
        lifespan=_open,
        description=_DESCRIPTION,
    )


def create_app() -> ASGIApp:
    """Return what the server runs."""
    return serve(create_api())


@asynccontextmanager
async def _open(api: FastAPI) -> AsyncIterator[None]:
    settings = cast("Settings", api.state.settings)
    api.state.catalogue = Shelf(api.state.database, settings.catalogue_seconds)
    yield


add_catalogue(Path(__file__).parent / "locale")
