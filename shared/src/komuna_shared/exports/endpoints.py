"""HTTP for exports."""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter

from komuna_shared.access import Caller

from .dataset import Dataset


def exports_router(
    datasets: Sequence[Dataset], load_reader: Callable[..., Awaitable[Caller]]
) -> APIRouter:
    """Return the routes of a service's exports."""
    return APIRouter(prefix="/v1/exports", tags=["exports"], redirect_slashes=False)
