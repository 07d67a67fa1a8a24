"""HTTP for whoever keeps institutions: what they are called, and that they ended."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.access import InstitutionWriter
from komuna_registry.clock import today
from komuna_shared.answers import Language, answer
from komuna_shared.database import Session
from komuna_shared.etags import check_if_match
from komuna_shared.idempotency import Once, once

from . import operations, presenting, queries
from .inputs import ClosureIn, InstitutionChangeIn
from .schemas import InstitutionPageOut
from .tagging import tag_of

router = APIRouter(prefix="/v1/institutions", tags=["institutions"], redirect_slashes=False)

_ONE = TypeAdapter(InstitutionPageOut)
_MISSING: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such institution."},
}


@router.patch("/{code}", response_model=InstitutionPageOut, responses=_MISSING)
async def update_institution(
    request: Request,
    session: Session,
    caller: InstitutionWriter,
    code: str,
    language: Language,
    wanted: InstitutionChangeIn,
) -> Response:
    """Rename an institution from a day on, or correct its name, by an act; recorded.

    For `coordinator` and `ops`. Everybody sees the names and the act.
    """
    row = await operations.open_institution(session, caller, code)
    known = await _show(session, code, language)
    key = request.app.state.etag_key
    check_if_match(request, tag_of(known, language, key=key))
    await operations.change_names(session, caller, row, wanted)
    shown = await _show(session, code, language)
    return answer(request, _ONE, shown, tag=tag_of(shown, language, key=key))


@router.post(
    "/{code}/closures",
    response_model=InstitutionPageOut,
    status_code=201,
    responses={**_MISSING, 409: {"description": "It has ended, or was seen later as a member."}},
)
async def close_institution(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    session: Session,
    caller: InstitutionWriter,
    key: Once,
    code: str,
    language: Language,
    wanted: ClosureIn,
) -> Response:
    """End an institution by an act, with every membership of it and in it; recorded.

    For `coordinator` and `ops`. Everybody sees the end, the act, and who took over.
    """
    made = await once(
        session, key, lambda: operations.close_institution(session, caller, code, wanted)
    )
    shown = await _show(session, made.id, language)
    tag = tag_of(shown, language, key=request.app.state.etag_key)
    told = answer(request, _ONE, shown, tag=tag, status=201)
    told.headers.update(made.headers)
    told.headers["Location"] = f"{request.app.state.base_url}/v1/institutions/{made.id}"
    return told


async def _show(session: AsyncSession, code: str, language: str) -> InstitutionPageOut:
    said = await queries.get_institution(session, code)
    return presenting.show_page(said, today(), language, is_dated=False)
