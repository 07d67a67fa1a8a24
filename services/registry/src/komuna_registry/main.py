"""The registry's web process: every feature's routes, put together once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from fastapi import FastAPI
from starlette.types import ASGIApp

from komuna_registry import access, exports
from komuna_registry.activities.routes import router as activities
from komuna_registry.assignments.operations import AUDIENCE
from komuna_registry.assignments.routes import router as assignments
from komuna_registry.audiences import load_feed_audiences
from komuna_registry.collections import make_collections
from komuna_registry.contacts.audiences import SCOPE as CONTACTS
from komuna_registry.contacts.routes import router as contacts
from komuna_registry.directory.audiences import SCOPE
from komuna_registry.directory.routes import router as directory
from komuna_registry.facilities.routes import router as facilities
from komuna_registry.facilities.write_routes import router as facility_writes
from komuna_registry.histories import router as histories
from komuna_registry.history.routes import router as diffs
from komuna_registry.hsds.code_lists import router as hsds_code_lists
from komuna_registry.hsds.routes import router as hsds
from komuna_registry.institutions.editing import router as institution_editing
from komuna_registry.institutions.routes import router as institutions
from komuna_registry.languages.routes import router as languages
from komuna_registry.mechanisms.routes import router as mechanisms
from komuna_registry.memberships.routes import router as memberships
from komuna_registry.municipal_notices.routes import router as municipal_notices
from komuna_registry.municipalities.frame import FrameShelf
from komuna_registry.municipalities.routes import router as municipalities
from komuna_registry.notices.routes import router as notices
from komuna_registry.offices.appointing import router as tenures
from komuna_registry.offices.editing import router as office_editing
from komuna_registry.offices.holding import router as holders
from komuna_registry.offices.routes import router as offices
from komuna_registry.popolo.routes import router as popolo
from komuna_registry.regions.routes import router as regions
from komuna_registry.settings import Settings
from komuna_registry.settlements.routes import router as settlements
from komuna_registry.shelf import AnswerShelf
from komuna_registry.sources.routes import router as sources
from komuna_shared.app import create_service, serve
from komuna_shared.changes import changes_router
from komuna_shared.exports import exports_router
from komuna_shared.imports import imports_router
from komuna_shared.languages import add_catalogue

_DESCRIPTION = "Which municipalities exist, which institutions, mechanisms and offices they have, "
_DESCRIPTION += (
    "who holds them, since when, by which source; which services help people; and who may do what."
)


def create_api(settings: Settings | None = None) -> FastAPI:
    """Return the API of the registry."""
    chosen = settings or Settings.model_validate({})
    return create_service(
        "registry",
        settings=chosen,
        routers=[
            municipalities,
            regions,
            settlements,
            languages,
            sources,
            institutions,
            institution_editing,
            popolo,
            memberships,
            mechanisms,
            offices,
            contacts,
            office_editing,
            tenures,
            holders,
            directory,
            hsds,
            hsds_code_lists,
            facilities,
            facility_writes,
            activities,
            notices,
            municipal_notices,
            assignments,
            histories,
            diffs,
            imports_router(make_collections(chosen), access.read_importer),
            exports_router(exports.DATASETS, access.read_exporter),
            changes_router(load_feed_audiences, SCOPE, CONTACTS, AUDIENCE),
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
    api.state.frames = FrameShelf(api.state.database, settings.frame_seconds)
    api.state.answers = AnswerShelf()
    yield


add_catalogue(Path(__file__).parent / "locale")
