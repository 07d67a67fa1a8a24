"""HTTP for whoever keeps offices: recording them, who holds them, and by which act."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.access import OfficeWriter
from komuna_registry.clock import today
from komuna_registry.municipalities.frame import CurrentFrame, Frame
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader, Session
from komuna_shared.etags import check_if_match, etag
from komuna_shared.idempotency import Made, Once, once

from . import operations, presenting, queries
from .inputs import OfficeChangeIn, OfficeIn, TenureChangeIn, TenureIn
from .schemas import OfficeOut, TenureOut

router = APIRouter(prefix="/v1", tags=["offices"], redirect_slashes=False)

# Plain values: rows of Postgres are shown as they are, a test holds them to `OfficeOut`.
_PLAIN = TypeAdapter(dict[str, Any])
_OVERLAP: dict[int | str, dict[str, Any]] = {
    409: {"description": "Somebody else certainly holds the seat then, or the key is in use."}
}


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
    return _made(request, made, f"offices/{made.id}", shown)


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
    return answer(request, _PLAIN, shown, cache=PUBLIC)


@router.patch(
    "/offices/{code}",
    response_model=OfficeOut,
    responses={
        404: {"description": "There is no such office."},
        409: {"description": "Seats would go of which tenures are recorded."},
        428: {"description": "The version is missing."},
    },
)
async def set_office(  # noqa: PLR0913, PLR0917
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
    check_if_match(request, _tag(request, await _show_office(session, frame, code, language)))
    await operations.change_office(session, caller, frame, office, wanted)
    return answer(request, _PLAIN, await _show_office(session, frame, code, language))


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
    return _made(request, made, f"tenures/{made.id}", presenting.show_tenure(found))


@router.get(
    "/tenures/{tenure_id}",
    response_model=TenureOut,
    dependencies=[public()],
    responses={404: {"description": "There is no such tenure."}},
)
async def get_tenure(request: Request, connection: Reader, tenure_id: UUID) -> Response:
    """Show who held a seat, since when and until when, by which source; public."""
    found = await queries.get_tenure(connection, tenure_id)
    return answer(request, _PLAIN, presenting.show_tenure(found), cache=PUBLIC)


@router.patch(
    "/tenures/{tenure_id}",
    response_model=TenureOut,
    responses={
        404: {"description": "There is no such tenure."},
        **_OVERLAP,
        428: {"description": "The version is missing."},
    },
)
async def set_tenure(
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
    check_if_match(request, _tag(request, presenting.show_tenure(tenure)))
    await operations.change_tenure(session, caller, frame, tenure, wanted)
    changed = await queries.get_tenure(session, tenure_id)
    return answer(request, _PLAIN, presenting.show_tenure(changed))


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

    For whoever keeps the office. What a published document tells cannot be taken back here.
    """
    tenure = await operations.open_tenure(session, caller, tenure_id)
    check_if_match(request, _tag(request, presenting.show_tenure(tenure)))
    await operations.cancel_tenure(session, caller, tenure)


async def _show_office(
    connection: AsyncConnection | AsyncSession, frame: Frame, code: str, language: str
) -> dict[str, Any]:
    found = await queries.get_office(connection, code)
    tenures = (await queries.list_tenures(connection, [code]))[code]
    shown = presenting.show_office(found, tenures, frame, language, today())
    return shown | {"tenures": [presenting.show_tenure(one) for one in tenures]}


def _tag(request: Request, shown: dict[str, Any]) -> str:
    """Return the tag under which `answer` served these values."""
    return etag(_PLAIN.dump_json(shown), key=request.app.state.etag_key)


def _made(request: Request, made: Made, address: str, shown: dict[str, Any]) -> Response:
    answered = answer(request, _PLAIN, shown, status=201)
    answered.headers.update(made.headers)
    answered.headers["Location"] = f"{request.app.state.base_url}/v1/{address}"
    return answered
