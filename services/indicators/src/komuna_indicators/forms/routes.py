"""HTTP for forms: what a reporter is asked, in which cells."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from komuna_indicators.catalogue.snapshot import CurrentCatalogue
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader
from komuna_shared.paging import Page, PageOut, Paging

from . import queries
from .definition import make_form
from .presentation import present_form
from .schemas import FormOut

router = APIRouter(
    prefix="/v1/forms", tags=["forms"], redirect_slashes=False, dependencies=[public()]
)

_LIST = TypeAdapter(Page[FormOut])
_ONE = TypeAdapter(FormOut)


@router.get("", response_model=Page[FormOut])
async def list_forms(
    request: Request,
    connection: Reader,
    catalogue: CurrentCatalogue,
    page: Paging,
    language: Language,
) -> Response:
    """List the forms in their current versions, with all their cells; public."""
    found = await queries.list_forms(connection, page)
    items = [present_form(make_form(row, catalogue), language) for row in found.items]
    shown = Page[FormOut](items=items, page=PageOut.model_validate(found.page))
    return answer(request, _LIST, shown, cache=PUBLIC)


@router.get("/{code}", response_model=FormOut)
async def get_form(
    request: Request,
    connection: Reader,
    catalogue: CurrentCatalogue,
    code: str,
    language: Language,
) -> Response:
    """Show one form: its cells with their help, and the JSON Schema of a submission; public."""
    form = await queries.find_form(connection, catalogue, code)
    return answer(request, _ONE, present_form(form, language), cache=PUBLIC)
