"""HTTP for cases: read the request, make one call, name the response."""

from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from komuna_referrals import ids
from komuna_referrals.access import (
    CaseDecider,
    CaseHistoryReader,
    CaseListReader,
    CaseOpener,
    CaseReader,
)
from komuna_referrals.keystore.dependencies import Keys
from komuna_referrals.roles import READERS
from komuna_referrals.wall import Guarded
from komuna_shared.answers import NO_STORE, answer, answer_bytes
from komuna_shared.database import Record
from komuna_shared.etags import check_if_match, etag
from komuna_shared.idempotency import Made, RequiredOnce, once
from komuna_shared.paging import Page, Paging

from . import operations, queries
from .schemas import CaseIn, CaseOut, CaseReceiptOut, DecisionIn, HistoryOut

router = APIRouter(prefix="/v1/cases", tags=["cases"], redirect_slashes=False)

_CASES = TypeAdapter(Page[CaseOut])
_CASE = TypeAdapter(CaseOut)
_HISTORY = TypeAdapter(Page[HistoryOut])


@router.get("", response_model=Page[CaseOut])
async def list_cases(
    request: Request, session: Guarded, caller: CaseListReader, page: Paging
) -> Response:
    """List the cases that your institution sees. For case workers; every call is recorded."""
    found = await queries.list_cases(session, page, caller=caller)
    return answer(request, _CASES, Page[CaseOut].model_validate(found), cache=NO_STORE)


@router.post(
    "",
    response_model=CaseOut | CaseReceiptOut,
    status_code=201,
    responses={409: {"description": "The key is in use."}},
)
async def open_case(
    request: Request,
    session: Guarded,
    caller: CaseOpener,
    keys: Keys,
    key: RequiredOnce,
    wanted: CaseIn,
) -> Response:
    """Open a case for a (presumed) victim; your institution owns it. Recorded.

    For `investigator`, `advocate`, `social_worker`, `case_owner`, and `first_responder`, who reads
    no cases and gets a receipt instead.
    """
    made = await once(session, key, lambda: operations.open_case(session, keys, caller, wanted))
    if not caller.roles & READERS:
        receipt = etag("receipt", made.id, key=request.app.state.etag_key).strip('"')
        body = CaseReceiptOut(receipt=receipt).model_dump_json().encode()
        return _created(request, body, made)
    case = await queries.get_case(session, UUID(made.id), caller=caller)
    return _told(request, case, made, place=f"/v1/cases/{made.id}")


@router.get("/{case_id}", response_model=CaseOut)
async def get_case(
    request: Request, session: Guarded, caller: CaseReader, case_id: str
) -> Response:
    """Read one case. For case workers; every call is recorded, also one that finds nothing."""
    case = await queries.get_case(session, ids.case_id(case_id), caller=caller)
    return answer(
        request, _CASE, CaseOut.model_validate(case), tag=_tag(request, case), cache=NO_STORE
    )


@router.get("/{case_id}/history", response_model=Page[HistoryOut])
async def list_history(
    request: Request, session: Guarded, caller: CaseHistoryReader, page: Paging, case_id: str
) -> Response:
    """List what happened to a case, oldest first; every call is recorded.

    For case workers of the institution that owns it and of its partners.
    """
    case = await queries.get_team_case(session, ids.case_id(case_id), caller=caller)
    found = await queries.list_history(session, page, case.id)
    return answer(request, _HISTORY, Page[HistoryOut].model_validate(found), cache=NO_STORE)


@router.post(
    "/{case_id}/identification-decisions",
    response_model=CaseOut,
    status_code=201,
    responses={
        409: {"description": "The identification does not stand where this decision begins."},
        412: {"description": "It was changed in the meantime."},
        428: {"description": "The version is missing."},
    },
)
async def create_identification_decision(
    request: Request,
    session: Guarded,
    caller: CaseDecider,
    key: RequiredOnce,
    case_id: str,
    decision: DecisionIn,
) -> Response:
    """Make a screened person a presumed one, on new indicators; needs `If-Match`. Recorded.

    For case workers of the institution that owns the case. Other decisions are refused.
    """

    async def decide() -> str:
        case = await queries.get_own_case(session, ids.case_id(case_id), caller=caller)
        check_if_match(request, _tag(request, case))
        await operations.decide(session, caller, case, decision)
        return str(case.id)

    made = await once(session, key, decide)
    case = await queries.get_case(session, UUID(made.id), caller=caller)
    return _told(request, case, made)


def _tag(request: Request, case: Record) -> str:
    return etag(case.id, case.version, key=request.app.state.etag_key)


def _told(request: Request, case: Record, made: Made, *, place: str | None = None) -> Response:
    response = _created(request, _CASE.dump_json(CaseOut.model_validate(case)), made)
    response.headers["etag"] = _tag(request, case)
    if place is not None:
        response.headers["location"] = f"{request.app.state.base_url}{place}"
    return response


def _created(request: Request, body: bytes, made: Made) -> Response:
    response = answer_bytes(
        request, body, media_type="application/json", cache=NO_STORE, status=201
    )
    response.headers.update(made.headers)
    return response
