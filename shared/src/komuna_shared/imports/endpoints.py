"""HTTP for imports."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import APIRouter

from komuna_shared.access import Caller
from komuna_shared.formats import Media

from .collection import Collection

IMPORT_BODY = 64 * 1024 * 1024
IMPORT_MEDIA = tuple(media.value for media in Media)


def imports_router(
    collections: Sequence[Collection[Any]], load_writer: Callable[..., Awaitable[Caller]]
) -> APIRouter:
    """Return the routes of a service's imports."""
    return APIRouter(prefix="/v1/imports", tags=["imports"], redirect_slashes=False)
