"""HTTP for releases."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, answer
from komuna_shared.database import Reader
from komuna_shared.paging import Page, PageOut, Paging

from . import queries
from .presentation import present_release
from .schemas import ReleaseOut

router = APIRouter(
    prefix="/v1/releases", tags=["releases"], redirect_slashes=False, dependencies=[public()]
)

_LIST = TypeAdapter(Page[ReleaseOut])
_ONE = TypeAdapter(ReleaseOut)
_FROZEN = "public, max-age=31536000, immutable"


@router.get("", response_model=Page[ReleaseOut])
async def list_releases(request: Request, connection: Reader, page: Paging) -> Response:
    """List what was made public, the newest first; public."""
    found = await queries.list_releases(connection, page)
    items = [present_release(row) for row in found.items]
    shown = Page[ReleaseOut](items=items, page=PageOut.model_validate(found.page))
    return answer(request, _LIST, shown, cache=PUBLIC)


@router.get("/{code}", response_model=ReleaseOut)
async def get_release(request: Request, connection: Reader, code: str) -> Response:
    """Show one release with its certificate; it never changes, and this is public."""
    row = await queries.get_release(connection, code)
    return answer(request, _ONE, present_release(row), cache=_FROZEN)
