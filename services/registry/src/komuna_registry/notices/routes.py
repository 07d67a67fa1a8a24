"""HTTP for notices."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.access import NoticeReader, NoticeSender
from komuna_registry.fields import Code
from komuna_shared.answers import NO_STORE, answer
from komuna_shared.database import Reader, Session
from komuna_shared.idempotency import RequiredOnce, once
from komuna_shared.paging import Page, Paging

from . import operations, queries
from .queries import Wanted
from .rules import Template
from .schemas import DeliveryOut, NoticeIn, NoticeOut, NoticePageOut

router = APIRouter(prefix="/v1/notices", tags=["notices"], redirect_slashes=False)

_ONE = TypeAdapter(NoticePageOut)
_LIST = TypeAdapter(Page[NoticeOut])
_MANY: Any = Query(max_length=50)


async def read_wanted(
    template: Annotated[list[Template], _MANY] = [],  # noqa: B006  FastAPI copies it.
    municipality: Annotated[list[Code], _MANY] = [],  # noqa: B006
    institution: Annotated[list[Code], _MANY] = [],  # noqa: B006
) -> Wanted:
    """Read which notices a request is about."""
    return Wanted(tuple(template), tuple(municipality), tuple(institution))


@router.post("", response_model=NoticeOut, status_code=202)
async def create_notice(
    request: Request,
    response: Response,
    session: Session,
    principal: NoticeSender,
    key: RequiredOnce,
    wanted: NoticeIn,
) -> Any:
    """Have everybody told who holds a role somewhere today, by e-mail in their own language.

    For whoever speaks for one of our services. Recorded. The worker sends; a letter whose sending
    was cut off may come twice, under one `Message-ID`. `recipient_count` is 0 where nobody there
    has an e-mail address.
    """
    made = await once(session, key, lambda: operations.create_notice(session, principal, wanted))
    response.headers.update(made.headers)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/notices/{made.id}"
    return await queries.get_notice(session, UUID(made.id))


@router.get("", response_model=Page[NoticeOut])
async def list_notices(
    request: Request,
    connection: Reader,
    _: NoticeReader,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
) -> Response:
    """List what people were told, the newest first, with how many letters are how far.

    For `ops`.
    """
    found = await queries.list_notices(connection, page, wanted)
    shown = _LIST.validate_python(found, from_attributes=True)
    return answer(request, _LIST, shown, cache=NO_STORE)


@router.get("/{notice_id}", response_model=NoticePageOut)
async def get_notice(
    request: Request, connection: Reader, _: NoticeReader, notice_id: UUID
) -> Response:
    """Show one notice with its letters; addresses are shown to nobody. For `ops`."""
    notice = await queries.get_notice(connection, notice_id)
    rows = await queries.list_deliveries(connection, notice_id)
    shown = NoticePageOut(
        **notice.model_dump(), deliveries=[DeliveryOut.model_validate(row) for row in rows]
    )
    return answer(request, _ONE, shown, cache=NO_STORE)
