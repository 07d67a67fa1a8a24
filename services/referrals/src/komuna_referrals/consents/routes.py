"""HTTP for consents: the texts that are read, what was answered, what was taken back."""

from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from komuna_referrals import ids
from komuna_referrals.access import (
    ConsentReader,
    ConsentTextReader,
    ConsentWithdrawer,
    ConsentWriter,
)
from komuna_referrals.wall import Guarded
from komuna_shared.answers import NO_STORE, answer
from komuna_shared.etags import etag
from komuna_shared.idempotency import RequiredOnce, once
from komuna_shared.paging import Page, PageOut, Paging

from . import operations, queries
from .models import Consent
from .schemas import ConsentIn, ConsentOut, ConsentTextOut, ConsentTextsOut, WithdrawalIn
from .texts import TEXTS

router = APIRouter(prefix="/v1", tags=["consents"], redirect_slashes=False)

_TEXTS = TypeAdapter(ConsentTextsOut)
_CONSENT = TypeAdapter(ConsentOut)
_CONSENTS = TypeAdapter(Page[ConsentOut])


@router.get("/consent-texts", response_model=ConsentTextsOut)
async def list_consent_texts(request: Request, _: ConsentTextReader) -> Response:
    """List the texts that are read to people, in every version and language.

    For case workers; recorded. No jurist has reviewed what is marked `unreviewed`.
    """
    items = [ConsentTextOut.of(one) for _, one in sorted(TEXTS.items())]
    return answer(request, _TEXTS, ConsentTextsOut(items=items), cache=NO_STORE)


@router.get("/cases/{case_id}/consents", response_model=Page[ConsentOut])
async def list_consents(
    request: Request, session: Guarded, _: ConsentReader, page: Paging, case_id: str
) -> Response:
    """List what a person agreed to, refused or took back, newest first; recorded.

    For case workers of the institution that owns the case and of its partners.
    """
    found = await queries.list_consents(session, page, ids.case_id(case_id))
    shown = [ConsentOut.of(one) for one in found.items]
    value = Page[ConsentOut](items=shown, page=PageOut.model_validate(found.page))
    return answer(request, _CONSENTS, value, cache=NO_STORE)


@router.post(
    "/cases/{case_id}/consents",
    response_model=ConsentOut,
    status_code=201,
    responses={409: {"description": "There is a live consent already, or the key is in use."}},
)
async def create_consent(
    request: Request,
    session: Guarded,
    caller: ConsentWriter,
    key: RequiredOnce,
    case_id: str,
    wanted: ConsentIn,
) -> Response:
    """Record what a person agreed to or refused, for one purpose and one recipient; recorded.

    For `advocate`, `social_worker`, `case_owner` and `investigator` of the institution that owns
    the case or of a partner. A basis without consent names an approver other than the caller.
    """
    case = ids.case_id(case_id)
    await queries.check_seen(session, case)
    made = await once(
        session, key, lambda: operations.record_consent(session, caller, case, wanted)
    )
    found = await queries.get_consent(session, UUID(made.id))
    return _created(request, found, made.headers)


@router.post(
    "/consents/{consent_id}/withdrawals",
    response_model=ConsentOut,
    status_code=201,
    responses={409: {"description": "It was withdrawn already, or the key is in use."}},
)
async def create_withdrawal(
    request: Request,
    session: Guarded,
    caller: ConsentWithdrawer,
    key: RequiredOnce,
    consent_id: str,
    wanted: WithdrawalIn | None = None,
) -> Response:
    """Take a consent back; whoever saw by it sees nothing from this answer on. Recorded.

    Referrals that rest on it become `withdrawn`. For `advocate`, `social_worker`, `case_owner` and
    `investigator` of the institution that owns the case or of a partner.
    """
    consent = ids.case_id(consent_id)
    await queries.get_own_consent(session, consent)
    how = wanted or WithdrawalIn()
    made = await once(
        session, key, lambda: operations.withdraw_consent(session, caller, consent, how)
    )
    session.expire_all()
    found = await queries.get_consent(session, UUID(made.id))
    return _created(request, found, made.headers)


def _created(request: Request, found: Consent, headers: dict[str, str]) -> Response:
    tag = etag("consent", found.id, found.state, key=request.app.state.etag_key)
    response = answer(request, _CONSENT, ConsentOut.of(found), tag=tag, cache=NO_STORE, status=201)
    response.headers.update(headers)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/cases/{found.case_id}/consents"
    return response
