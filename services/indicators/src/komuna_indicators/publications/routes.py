"""HTTP for making reports public."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from komuna_indicators.access import Releaser
from komuna_indicators.releases.presentation import present_release
from komuna_indicators.releases.queries import get_release
from komuna_indicators.releases.schemas import ReleaseOut
from komuna_shared.answers import NO_STORE, answer
from komuna_shared.database import Session
from komuna_shared.idempotency import Once, once

from . import operations
from .schemas import ReleaseIn

router = APIRouter(prefix="/v1/releases", tags=["releases"], redirect_slashes=False)

_ONE = TypeAdapter(ReleaseOut)


@router.post(
    "",
    response_model=ReleaseOut,
    status_code=201,
    responses={409: {"description": "No verified report waits to be released."}},
)
async def create_release(
    request: Request, session: Session, caller: Releaser, key: Once, wanted: ReleaseIn
) -> Response:
    """Make the verified reports of an obligation and period public; recorded.

    For `analyst`. All of it becomes public at once: the figures of each municipality, those of the
    country with how many reports they are made of, and the ratios. Only tier 0 is offered.
    """
    made = await once(session, key, lambda: operations.publish_reports(session, caller, wanted))
    row = await get_release(session, made.id)
    response = answer(request, _ONE, present_release(row), cache=NO_STORE, status=201)
    response.headers.update(made.headers)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/releases/{made.id}"
    return response
