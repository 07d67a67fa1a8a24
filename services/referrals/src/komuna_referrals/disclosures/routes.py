"""HTTP for disclosures: the owner of a case sees who saw what of it."""

from fastapi import APIRouter, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from komuna_referrals import ids
from komuna_referrals.access import DisclosureReader
from komuna_referrals.wall import Guarded
from komuna_shared.answers import NO_STORE, answer
from komuna_shared.paging import Page, Paging

from . import queries
from .schemas import DisclosureOut

router = APIRouter(prefix="/v1/cases", tags=["disclosures"], redirect_slashes=False)

_DISCLOSURES = TypeAdapter(Page[DisclosureOut])


@router.get("/{case_id}/disclosures", response_model=Page[DisclosureOut])
async def list_disclosures(
    request: Request, session: Guarded, _: DisclosureReader, page: Paging, case_id: str
) -> Response:
    """List who saw which data of a case, when, what for and resting on what; newest first.

    For case workers of the institution that owns the case; to others it does not exist. Recorded.
    """
    found = await queries.list_disclosures(session, page, ids.case_id(case_id))
    return answer(request, _DISCLOSURES, Page[DisclosureOut].model_validate(found), cache=NO_STORE)
