"""HTTP for the partners in a case."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from komuna_referrals import ids
from komuna_referrals.access import PartnerWriter
from komuna_referrals.cases.queries import get_own_case
from komuna_referrals.keystore.dependencies import Keys
from komuna_referrals.wall import Guarded
from komuna_shared.answers import JSON, NO_STORE, answer_bytes
from komuna_shared.idempotency import RequiredOnce, once

from . import operations, queries
from .schemas import PartnerIn, PartnerOut

router = APIRouter(prefix="/v1/cases", tags=["cases"], redirect_slashes=False)


@router.post(
    "/{case_id}/partners",
    response_model=PartnerOut,
    status_code=201,
    responses={409: {"description": "It sees the case already, or the key is in use."}},
)
async def add_partner(  # noqa: PLR0913 -- what a change takes.
    request: Request,
    session: Guarded,
    caller: PartnerWriter,
    *,
    keys: Keys,
    key: RequiredOnce,
    case_id: str,
    wanted: PartnerIn,
) -> Response:
    """Bring another institution into a case: it sees what you see. Recorded.

    For case workers of the institution that owns the case.
    """

    async def add() -> str:
        case = await get_own_case(session, ids.case_id(case_id), caller=caller)
        return await operations.add_partner(session, keys, caller, case.id, wanted)

    made = await once(session, key, add)
    found = await queries.get_partner(session, UUID(made.id))
    partner = PartnerOut(
        institution=found.changes["partner"],
        role=found.changes["role"],
        added_at=found.recorded_at,
    )
    body = partner.model_dump_json().encode()
    response = answer_bytes(request, body, media_type=JSON, cache=NO_STORE, status=201)
    response.headers.update(made.headers)
    return response
