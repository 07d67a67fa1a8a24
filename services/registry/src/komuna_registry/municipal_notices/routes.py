"""HTTP for notices to municipalities."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import TypeAdapter

from komuna_registry.access import NoticeAnswerer, NoticeKeeper, NoticeWriter
from komuna_registry.clock import today
from komuna_registry.municipalities.frame import CurrentFrame
from komuna_shared.answers import NO_STORE, Language, answer, answer_bytes
from komuna_shared.database import Reader, Session
from komuna_shared.idempotency import Once, once
from komuna_shared.paging import Found, Page, Paging

from . import operations, queries
from .letters import find_language, write_letter
from .schemas import (
    AcknowledgementIn,
    AnswerIn,
    MunicipalNoticeIn,
    MunicipalNoticeOut,
    MunicipalNoticePageOut,
    MunicipalRecipientOut,
)
from .writing import load_letter

router = APIRouter(prefix="/v1/municipal-notices", tags=["notices"], redirect_slashes=False)

_ONE = TypeAdapter(MunicipalNoticePageOut)
_LIST = TypeAdapter(Page[MunicipalNoticeOut])
_RECIPIENTS = TypeAdapter(Page[MunicipalRecipientOut])
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"description": "It was done before, or the key is in use."}
}


class PdfResponse(Response):
    """A document to print."""

    media_type = "application/pdf"


@router.post("", response_model=MunicipalNoticePageOut, status_code=201)
async def create_municipal_notice(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    response: Response,
    session: Session,
    frame: CurrentFrame,
    language: Language,
    caller: NoticeWriter,
    key: Once,
    wanted: MunicipalNoticeIn,
) -> Any:
    """Write to the mayors of some municipalities, with a deadline, and tell their officers.

    For `coordinator` and `ops`. Recorded. Whom a rule means is decided now and listed here. Each
    municipality is written to in the language of its officers, who are told by e-mail that a letter
    is there; one whose officers have no address is `unreachable`: print its letter. What comes into
    the register after it fulfils it by itself, within a minute; whoever is overdue is reminded
    once.
    """
    made = await once(
        session, key, lambda: operations.create_notice(session, caller, frame, wanted)
    )
    response.headers.update(made.headers)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/municipal-notices/{made.id}"
    return await _show(session, frame, caller, UUID(made.id), language)


@router.get("", response_model=Page[MunicipalNoticeOut])
async def list_municipal_notices(
    request: Request, connection: Reader, caller: NoticeKeeper, page: Paging
) -> Response:
    """List the notices that your institution sent, or that your municipality got; newest first.

    For `coordinator`, `municipal_officer`, `municipal_admin` and `ops`, who sees all; others see
    none. The states count the municipalities that you may see.
    """
    found = await queries.list_notices(connection, page, caller, today())
    shown = _LIST.validate_python(found, from_attributes=True)
    return answer(request, _LIST, shown, cache=NO_STORE)


@router.get("/{notice_id}", response_model=MunicipalNoticePageOut)
async def get_municipal_notice(
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    language: Language,
    caller: NoticeKeeper,
    notice_id: UUID,
) -> Response:
    """Show one notice with the municipalities that you may see of it, and how far each is.

    For whoever sent it, and for officers of a municipality that got it; to others it does not
    exist.
    """
    shown = await _show(connection, frame, caller, notice_id, language)
    return answer(request, _ONE, shown, cache=NO_STORE)


@router.get("/{notice_id}/recipients", response_model=Page[MunicipalRecipientOut])
async def list_notice_recipients(  # noqa: PLR0913, PLR0917
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    language: Language,
    caller: NoticeKeeper,
    page: Paging,
    notice_id: UUID,
) -> Response:
    """List the municipalities of a notice that you may see, and how far each is.

    For whoever sent it, and for officers of a municipality that got it, who see their own.
    """
    found = await queries.list_recipients(connection, page, caller, notice_id)
    shown = [queries.show_recipient(frame, row, language, today()) for row in found.items]
    listed = _RECIPIENTS.validate_python(Found(shown, found.page), from_attributes=True)
    return answer(request, _RECIPIENTS, listed, cache=NO_STORE)


@router.get(
    "/{notice_id}/letters/{municipality}",
    response_class=PdfResponse,
    responses={
        200: {
            "description": "The letter.",
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def get_notice_letter(  # noqa: PLR0913, PLR0917
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    language: Language,
    caller: NoticeKeeper,
    notice_id: UUID,
    municipality: Annotated[str, Path(max_length=100, examples=["viti"])],
) -> Response:
    """Return the letter to the mayor as PDF, in the language of the municipality or that of `lang`.

    For whoever sent it, and for officers of that municipality; to others it does not exist. The
    same letter has the same bytes whenever it is asked for; `Content-Language` tells its language.
    """
    row = await queries.get_recipient(connection, caller, notice_id, municipality)
    letter = await load_letter(connection, frame, notice_id, municipality)
    wanted = language if "lang" in request.query_params else row.language
    written = find_language(letter, wanted, row.language)
    request.scope["state"]["language"] = written
    public_url = request.app.state.settings.public_url
    body = await asyncio.to_thread(write_letter, letter, written, public_url=public_url)
    return answer_bytes(
        request,
        body,
        media_type=PdfResponse.media_type,
        filename=f"{municipality}-{notice_id}.pdf",
    )


@router.post(
    "/{notice_id}/acknowledgements",
    response_model=MunicipalRecipientOut,
    status_code=201,
    responses=_CONFLICT,
)
async def create_acknowledgement(  # noqa: PLR0913, PLR0917
    response: Response,
    session: Session,
    frame: CurrentFrame,
    language: Language,
    caller: NoticeAnswerer,
    key: Once,
    notice_id: UUID,
    wanted: AcknowledgementIn,
) -> Any:
    """Say that your municipality has the letter; recorded.

    For `municipal_officer` and `municipal_admin` of a municipality that got it, for their own.
    """
    slug = wanted.municipality
    made = await once(
        session, key, lambda: operations.acknowledge(session, caller, notice_id, slug)
    )
    response.headers.update(made.headers)
    row = await queries.get_recipient(session, caller, notice_id, slug)
    return queries.show_recipient(frame, row, language, today())


@router.post(
    "/{notice_id}/answers",
    response_model=MunicipalRecipientOut,
    status_code=201,
    responses=_CONFLICT,
)
async def create_answer(  # noqa: PLR0913, PLR0917
    response: Response,
    session: Session,
    frame: CurrentFrame,
    language: Language,
    caller: NoticeAnswerer,
    key: Once,
    notice_id: UUID,
    wanted: AnswerIn,
) -> Any:
    """Answer for your municipality; recorded. Naming what was asked for fulfils the request.

    For `municipal_officer` and `municipal_admin` of a municipality that got it, for their own. An
    answer without evidence takes the place of the one before; one that fulfils stays.
    """
    made = await once(session, key, lambda: operations.answer(session, caller, notice_id, wanted))
    response.headers.update(made.headers)
    row = await queries.get_recipient(session, caller, notice_id, wanted.municipality)
    return queries.show_recipient(frame, row, language, today())


async def _show(
    connection: queries.Connection, frame: Any, caller: Any, notice: UUID, language: str
) -> MunicipalNoticePageOut:
    found = await queries.get_notice(connection, caller, notice, today())
    rows = await queries.list_all_recipients(connection, caller, notice)
    items = [queries.show_recipient(frame, row, language, today()) for row in rows]
    return MunicipalNoticePageOut(**found.model_dump(), items=items)
