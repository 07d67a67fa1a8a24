"""What a reference list is measured against: a route that does nothing."""

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.types import ASGIApp

from komuna_indicators import main as indicators
from komuna_registry import main as registry
from komuna_shared.access import public
from komuna_shared.app import serve


class Nothing(BaseModel):
    """The answer of the route that does nothing."""

    status: str


async def do_nothing() -> Nothing:
    """Answer at once."""
    return Nothing(status="ok")


def create_registry() -> ASGIApp:
    """Return the registry with one more route."""
    return _with_nothing(registry.create_api())


def create_indicators() -> ASGIApp:
    """Return the indicators with one more route."""
    return _with_nothing(indicators.create_api())


def create_bare() -> ASGIApp:
    """Return FastAPI as it comes, with that route alone and no layer of ours."""
    api = FastAPI()
    api.get("/v1/nothing", response_model=Nothing)(do_nothing)
    return api


def _with_nothing(api: FastAPI) -> ASGIApp:
    api.get("/v1/nothing", response_model=Nothing, dependencies=[public()])(do_nothing)
    return serve(api)
