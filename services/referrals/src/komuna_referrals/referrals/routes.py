"""HTTP for referrals: read the request, make one call, name the response."""

from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from komuna_referrals import ids
from komuna_referrals.access import (
    ReferralListReader,
    ReferralMover,
    ReferralReader,
    ReferralWriter,
)
from komuna_referrals.freshness import check_fresh
from komuna_referrals.keystore.dependencies import Keys
from komuna_referrals.wall import Guarded
from komuna_shared.access import Caller
from komuna_shared.answers import NO_STORE, answer
from komuna_shared.database import Record
from komuna_shared.etags import check_if_match, etag
from komuna_shared.idempotency import RequiredOnce, once
from komuna_shared.paging import Page, PageOut, Paging

from . import operations, queries
from .queries import Box
from .rules import BEGINNINGS
from .schemas import AnyReferralOut, EnvelopeOut, ReferralIn, ReferralOut, TransitionIn

router = APIRouter(prefix="/v1/referrals", tags=["referrals"], redirect_slashes=False)

_REFERRAL: TypeAdapter[Any] = TypeAdapter(AnyReferralOut)
_STEP_PROBLEMS: dict[int | str, dict[str, Any]] = {
    409: {"description": "The referral does not go there from where it is."},
    412: {"description": "It was changed in the meantime."},
    428: {"description": "The version is missing."},
}
_REFERRALS = TypeAdapter(Page[AnyReferralOut])


async def open_registry(request: Request) -> Any:
    """Return the client that asks registry."""
    return cast("Any", request.app.state.registry)


Registry = Annotated[Any, Depends(open_registry)]


@router.get("", response_model=Page[AnyReferralOut])
async def list_referrals(
    request: Request,
    session: Guarded,
    caller: ReferralListReader,
    page: Paging,
    box: Annotated[Box, Query(description="`in` came to you, `out` went out.")] = Box.IN,
) -> Response:
    """List the referrals of your institution, newest first. For case workers; recorded.

    What came in, unless `box=out` asks for what went out. What came in is a sealed envelope until
    your institution has accepted it.
    """
    found = await queries.list_referrals(session, page, caller=caller, box=box)
    shown = [_shown(row, caller) for row in found.items]
    value = Page[AnyReferralOut](items=shown, page=PageOut.model_validate(found.page))
    return answer(request, _REFERRALS, value, cache=NO_STORE)


@router.post("", response_model=ReferralOut, status_code=201)
async def create_referral(
    request: Request,
    session: Guarded,
    caller: ReferralWriter,
    registry: Registry,
    key: RequiredOnce,
    wanted: ReferralIn,
) -> Response:
    """Begin to refer a person of your case to a service of the directory; recorded.

    The service must be active and licensed today. For `advocate`, `case_owner`, `investigator` and
    `social_worker` of the institution that owns the case.
    """
    made = await once(
        session, key, lambda: operations.open_referral(session, registry, caller, wanted)
    )
    found = await queries.get_referral(session, UUID(made.id), caller=caller)
    response = _answer(request, found, caller, status=201)
    response.headers.update(made.headers)
    return response


@router.get("/{referral_id}", response_model=AnyReferralOut)
async def get_referral(
    request: Request, session: Guarded, caller: ReferralReader, referral_id: str
) -> Response:
    """Read one referral: the sender all of it, the receiver its envelope until it has accepted.

    For case workers; every call is recorded, also one that finds nothing.
    """
    found = await queries.get_referral(session, ids.case_id(referral_id), caller=caller)
    return _answer(request, found, caller)


@router.post(
    "/{referral_id}/transitions",
    response_model=AnyReferralOut,
    status_code=201,
    responses=_STEP_PROBLEMS,
)
async def create_transition(  # noqa: PLR0913 -- what FastAPI hands in.
    request: Request,
    session: Guarded,
    caller: ReferralMover,
    *,
    keys: Keys,
    key: RequiredOnce,
    referral_id: str,
    wanted: TransitionIn,
) -> Response:
    """Move a referral one step on, based on the `ETag` that was read as `If-Match`; recorded.

    Sender and receiver make different steps. For `advocate`, `case_owner`, `investigator` and
    `social_worker` of the sender, for `shelter_intake` and `provider` of the receiver; the
    sender's `supervisor` may call a referral entered in error.
    """
    found = await queries.get_referral(session, ids.case_id(referral_id), caller=caller)

    async def move() -> str:
        check_if_match(request, _tag(request, found, caller))
        if wanted.to in BEGINNINGS:
            await check_fresh(session, request.app.state.settings)
        return await operations.move_referral(session, keys, caller, found, wanted)

    made = await once(session, key, move)
    moved = await queries.get_referral(session, UUID(made.id), caller=caller)
    response = _answer(request, moved, caller, status=201)
    response.headers.update(made.headers)
    return response


def _shown(row: Record, caller: Caller) -> EnvelopeOut | ReferralOut:
    return ReferralOut.of(row) if queries.is_open_to(row, caller) else EnvelopeOut.of(row)


def _answer(request: Request, row: Record, caller: Caller, *, status: int = 200) -> Response:
    tag = _tag(request, row, caller)
    shown = _shown(row, caller)
    response = answer(request, _REFERRAL, shown, tag=tag, cache=NO_STORE, status=status)
    if status != 200:  # noqa: PLR2004
        response.headers["Location"] = f"{request.app.state.base_url}/v1/referrals/{row.id}"
    return response


def _tag(request: Request, row: Record, caller: Caller) -> str:
    view = "referral" if queries.is_open_to(row, caller) else "envelope"
    return etag("referral", row.id, row.version, view, key=request.app.state.etag_key)
