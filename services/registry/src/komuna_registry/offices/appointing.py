"""HTTP for one tenure, and for whoever records who holds an office, by which act."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from komuna_registry.access import OfficeWriter
from komuna_registry.municipalities.frame import CurrentFrame
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, answer
from komuna_shared.database import Reader, Session
from komuna_shared.etags import check_if_match
from komuna_shared.idempotency import Once, once

from . import operations, presenting, queries, rectifying
from .answering import PLAIN, made_answer, tag_of
from .inputs import TenureChangeIn, TenureIn
from .schemas import TenureOut

router = APIRouter(prefix="/v1", tags=["offices"], redirect_slashes=False)

_OVERLAP: dict[int | str, dict[str, Any]] = {
    409: {"description": "Somebody else certainly holds the seat then, or the key is in use."}
}


@router.post(
    "/offices/{code}/tenures",
    response_model=TenureOut,
    status_code=201,
    responses={404: {"description": "There is no such office."}, **_OVERLAP},
)
async def create_tenure(  # noqa: PLR0913, PLR0917
    request: Request,
    session: Session,
    frame: CurrentFrame,
    caller: OfficeWriter,
    key: Once,
    code: str,
    wanted: TenureIn,
) -> Response:
    """Record who holds a seat of an office that you keep, and by which act; recorded.

    For `municipal_officer` and `municipal_admin` (their municipality), `institution_admin` (their
    institution), `coordinator` and `ops` (all). Everybody sees the holder and the act. Dates may
    be imprecise; where two tenures of a seat are both certain, the later one is refused.
    """
    made = await once(
        session, key, lambda: operations.record_tenure(session, caller, frame, code, wanted)
    )
    found = await queries.get_tenure(session, UUID(made.id))
    return made_answer(request, made, f"tenures/{made.id}", presenting.show_tenure(found))


@router.get(
    "/tenures/{tenure_id}",
    response_model=TenureOut,
    dependencies=[public()],
    responses={404: {"description": "There is no such tenure."}},
)
async def get_tenure(request: Request, connection: Reader, tenure_id: UUID) -> Response:
    """Show who held a seat, since when and until when, by which source; public."""
    found = await queries.get_tenure(connection, tenure_id)
    return answer(request, PLAIN, presenting.show_tenure(found), cache=PUBLIC)


@router.patch(
    "/tenures/{tenure_id}",
    response_model=TenureOut,
    responses={
        404: {"description": "There is no such tenure."},
        **_OVERLAP,
        428: {"description": "The version is missing."},
    },
)
async def update_tenure(
    request: Request,
    session: Session,
    frame: CurrentFrame,
    caller: OfficeWriter,
    tenure_id: UUID,
    wanted: TenureChangeIn,
) -> Response:
    """End a tenure by an act, or correct what an earlier act said of it; recorded.

    For whoever keeps the office. What a published document tells may be ended, not rewritten.
    """
    tenure = await operations.open_tenure(session, caller, tenure_id)
    check_if_match(request, tag_of(request, presenting.show_tenure(tenure)))
    await operations.change_tenure(session, caller, frame, tenure, wanted)
    changed = await queries.get_tenure(session, tenure_id)
    return answer(request, PLAIN, presenting.show_tenure(changed))


@router.delete(
    "/tenures/{tenure_id}",
    status_code=204,
    responses={
        404: {"description": "There is no such tenure."},
        409: {"description": "A published document tells of it."},
    },
)
async def cancel_tenure(
    request: Request, session: Session, caller: OfficeWriter, tenure_id: UUID
) -> None:
    """Take back a tenure that was recorded by mistake; its history stays. Recorded.

    A holder whom no tenure and no membership names any more goes with it.

    For whoever keeps the office. What a published document tells cannot be taken back here.
    """
    tenure = await operations.open_tenure(session, caller, tenure_id)
    check_if_match(request, tag_of(request, presenting.show_tenure(tenure)))
    await rectifying.cancel_tenure(session, caller, tenure)
