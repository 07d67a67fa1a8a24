"""HTTP for obligations: who must report which form, and by when."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from komuna_indicators.clock import today
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader
from komuna_shared.paging import Page, PageOut, Paging

from . import queries
from .presentation import present_obligation
from .schemas import ObligationOut

router = APIRouter(
    prefix="/v1/obligations",
    tags=["obligations"],
    redirect_slashes=False,
    dependencies=[public()],
)

_LIST = TypeAdapter(Page[ObligationOut])
_ONE = TypeAdapter(ObligationOut)


@router.get("", response_model=Page[ObligationOut])
async def list_obligations(
    request: Request, connection: Reader, page: Paging, language: Language
) -> Response:
    """List what must be reported, by whom and by when; public."""
    found = await queries.list_obligations(connection, page)
    items = [
        present_obligation(queries.make_obligation(row), language, today()) for row in found.items
    ]
    shown = Page[ObligationOut](items=items, page=PageOut.model_validate(found.page))
    return answer(request, _LIST, shown, cache=PUBLIC)


@router.get("/{code}", response_model=ObligationOut)
async def get_obligation(
    request: Request, connection: Reader, code: str, language: Language
) -> Response:
    """Show one obligation with the latest period that is over; public."""
    obligation = await queries.find_obligation(connection, code)
    shown = present_obligation(obligation, language, today())
    return answer(request, _ONE, shown, cache=PUBLIC)
