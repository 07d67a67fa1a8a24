"""HTTP for those who hold offices: what is said of somebody, and who corrects it."""

from typing import Any

from fastapi import APIRouter, Request, Response

from komuna_registry.access import OfficeWriter
from komuna_registry.municipalities.frame import CurrentFrame
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, answer
from komuna_shared.database import Reader, Session
from komuna_shared.etags import check_if_match

from . import holders, presenting, rectifying
from .answering import PLAIN, tag_of
from .inputs import HolderChangeIn
from .schemas import HolderPageOut

router = APIRouter(prefix="/v1/holders", tags=["offices"], redirect_slashes=False)

_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such holder."}}


@router.get("/{code}", response_model=HolderPageOut, dependencies=[public()], responses=_MISSING)
async def get_holder(request: Request, connection: Reader, code: str) -> Response:
    """Show what is said of somebody who is known for a public office, by which source; public."""
    found = await holders.get_holder(connection, code)
    return answer(request, PLAIN, presenting.show_holder(found), cache=PUBLIC)


@router.patch(
    "/{code}",
    response_model=HolderPageOut,
    responses={
        **_MISSING,
        409: {"description": "A published document names them, or nothing does any more."},
        428: {"description": "The version is missing."},
    },
)
async def update_holder(
    request: Request,
    session: Session,
    frame: CurrentFrame,
    caller: OfficeWriter,
    code: str,
    wanted: HolderChangeIn,
) -> Response:
    """Correct the name of a holder, or the sex and community that are told, by an act; recorded.

    For whoever keeps every office that they held: `municipal_officer`, `municipal_admin`,
    `institution_admin`; for `coordinator` and `ops` also whom a document or a body names.
    """
    holder = await rectifying.open_holder(session, caller, code)
    check_if_match(request, tag_of(request, presenting.show_holder(holder)))
    await rectifying.change_holder(session, caller, frame, holder, wanted)
    changed = await holders.get_holder(session, code)
    return answer(request, PLAIN, presenting.show_holder(changed))


@router.delete(
    "/{code}",
    status_code=204,
    responses={
        **_MISSING,
        409: {"description": "A tenure or a membership names them."},
        428: {"description": "The version is missing."},
    },
)
async def delete_holder(
    request: Request, session: Session, caller: OfficeWriter, code: str
) -> None:
    """Remove a holder whom no tenure and no membership names; the history stays. Recorded.

    For `coordinator` and `ops`. Whose last tenure is taken back goes with it.
    """
    holder = await rectifying.open_holder(session, caller, code)
    check_if_match(request, tag_of(request, presenting.show_holder(holder)))
    await rectifying.remove_holder(session, caller, holder)
