"""HTTP for one office, and for whoever keeps it."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.access import OfficeWriter
from komuna_registry.clock import today
from komuna_registry.municipalities.frame import CurrentFrame, Frame
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader, Session
from komuna_shared.etags import check_if_match
from komuna_shared.idempotency import Once, once

from . import operations, presenting, queries
from .answering import PLAIN, made_answer, tag_of
from .inputs import OfficeChangeIn, OfficeIn
from .schemas import OfficeOut

router = APIRouter(prefix="/v1", tags=["offices"], redirect_slashes=False)


@router.post(
    "/offices",
    response_model=OfficeOut,
    status_code=201,
    responses={409: {"description": "The owner has this office already."}},
)
async def create_office(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    session: Session,
    frame: CurrentFrame,
    caller: OfficeWriter,
    key: Once,
    language: Language,
    wanted: OfficeIn,
) -> Response:
    """Record an office of your municipality or institution, by the act that made it; recorded.

    For `municipal_officer` and `municipal_admin` (their municipality), `institution_admin` (their
    institution), `coordinator` and `ops` (all). Everybody sees the office and the act.
    """
    made = await once(
        session, key, lambda: operations.create_office(session, caller, frame, wanted)
    )
    shown = await _show_office(session, frame, made.id, language)
    return made_answer(request, made, f"offices/{made.id}", shown)


@router.get(
    "/offices/{code}",
    response_model=OfficeOut,
    dependencies=[public()],
    responses={404: {"description": "There is no such office."}},
)
async def get_office(
    request: Request, connection: Reader, frame: CurrentFrame, code: str, language: Language
) -> Response:
    """Show one office with everybody who is known to have held it; public.

    It is vacant where an act ended the last known tenure of a seat. The `ETag` is what a change
    names as `If-Match`, in the language in which this was read.
    """
    shown = await _show_office(connection, frame, code, language)
    return answer(request, PLAIN, shown, cache=PUBLIC)


@router.patch(
    "/offices/{code}",
    response_model=OfficeOut,
    responses={
        404: {"description": "There is no such office."},
        409: {"description": "Seats would go of which tenures are recorded."},
        428: {"description": "The version is missing."},
    },
)
async def update_office(  # noqa: PLR0913, PLR0917
    request: Request,
    session: Session,
    frame: CurrentFrame,
    caller: OfficeWriter,
    code: str,
    language: Language,
    wanted: OfficeChangeIn,
) -> Response:
    """Change the names or the number of seats of an office that you keep; recorded.

    For `municipal_officer` and `municipal_admin` (their municipality), `institution_admin` (their
    institution), `coordinator` and `ops` (all).
    """
    office = await operations.open_office(session, caller, code)
    check_if_match(request, tag_of(request, await _show_office(session, frame, code, language)))
    await operations.change_office(session, caller, frame, office, wanted)
    return answer(request, PLAIN, await _show_office(session, frame, code, language))


async def _show_office(
    connection: AsyncConnection | AsyncSession, frame: Frame, code: str, language: str
) -> dict[str, Any]:
    found = await queries.get_office(connection, code)
    tenures = (await queries.list_tenures(connection, [code]))[code]
    shown = presenting.show_office(found, tenures, frame, language, today())
    return shown | {"tenures": [presenting.show_tenure(one) for one in tenures]}
