"""HTTP for what an import changed, row by row."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from komuna_registry.access import Importer
from komuna_shared.answers import NO_STORE, answer
from komuna_shared.database import Session
from komuna_shared.imports.queries import get_import
from komuna_shared.paging import Paging

from . import queries, telling
from .schemas import ImportDiffOut

router = APIRouter(prefix="/v1/imports", tags=["imports"], redirect_slashes=False)

_DIFF = TypeAdapter(dict[str, Any])


@router.get(
    "/{import_id}/diff",
    response_model=ImportDiffOut,
    responses={404: {"description": "There is no such import of yours."}},
)
async def list_import_changes(
    request: Request, session: Session, caller: Importer, page: Paging, import_id: UUID
) -> Response:
    """List what an import changed, in the order of its doing; of a dry run, what it would have.

    For whoever sent the file; to others it does not exist. It is kept as long as the import is,
    and ends after 10,000 changes: then `is_cut` is true.
    """
    job = await get_import(session, import_id, caller.principal)
    found = await queries.list_import_changes(session, page, job.id)
    shown = {
        "items": [telling.tell_change(row) for row in found.items],
        "page": found.page,
        "is_cut": await queries.is_diff_cut(session, job.id),
    }
    return answer(request, _DIFF, shown, cache=NO_STORE)
