"""HTTP for sources."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, answer
from komuna_shared.database import Reader
from komuna_shared.etags import etag
from komuna_shared.paging import Page, Paging

from . import queries
from .schemas import SourceOut

router = APIRouter(prefix="/v1/sources", tags=["sources"], redirect_slashes=False)

_LIST = TypeAdapter(Page[SourceOut])
_ONE = TypeAdapter(SourceOut)


@router.get("", response_model=Page[SourceOut], dependencies=[public()])
async def list_sources(request: Request, connection: Reader, page: Paging) -> Response:
    """List the documents that statements were taken from; public."""
    found = await queries.list_sources(connection, page)
    return answer(request, _LIST, _LIST.validate_python(found, from_attributes=True), cache=PUBLIC)


@router.get("/{code}", response_model=SourceOut, dependencies=[public()])
async def get_source(request: Request, connection: Reader, code: str) -> Response:
    """Show one document; public."""
    found = await queries.get_source(connection, code)
    tag = etag("source", code, found.version, key=request.app.state.etag_key)
    return answer(request, _ONE, SourceOut.model_validate(found), tag=tag, cache=PUBLIC)
