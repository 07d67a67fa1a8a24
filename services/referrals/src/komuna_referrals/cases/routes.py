"""HTTP for cases: read the request, make one call, name the response."""

from fastapi import APIRouter, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from komuna_referrals import ids
from komuna_referrals.access import CaseListReader, CaseReader
from komuna_referrals.wall import Guarded
from komuna_shared.answers import NO_STORE, answer
from komuna_shared.etags import etag
from komuna_shared.paging import Page, Paging

from . import queries
from .schemas import CaseOut

router = APIRouter(prefix="/v1/cases", tags=["cases"], redirect_slashes=False)

_CASES = TypeAdapter(Page[CaseOut])
_CASE = TypeAdapter(CaseOut)


@router.get("", response_model=Page[CaseOut])
async def list_cases(
    request: Request, session: Guarded, caller: CaseListReader, page: Paging
) -> Response:
    """List the cases of your institution. For case workers; every call is recorded."""
    found = await queries.list_cases(session, page, caller=caller)
    return answer(request, _CASES, Page[CaseOut].model_validate(found), cache=NO_STORE)


@router.get("/{case_id}", response_model=CaseOut)
async def get_case(
    request: Request, session: Guarded, caller: CaseReader, case_id: str
) -> Response:
    """Read one case. For case workers; every call is recorded, also one that finds nothing."""
    case = await queries.get_case(session, ids.case_id(case_id), caller=caller)
    tag = etag(case.id, case.version, key=request.app.state.etag_key)
    return answer(request, _CASE, CaseOut.model_validate(case), tag=tag, cache=NO_STORE)
