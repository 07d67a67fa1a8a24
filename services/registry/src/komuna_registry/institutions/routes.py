"""HTTP for institutions: lists and pages, as they were on a day."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.clock import today
from komuna_registry.fields import Code
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader
from komuna_shared.days import Day
from komuna_shared.paging import Found, Page, Paging

from . import presenting, queries
from .queries import Wanted
from .rules import InstitutionKind
from .schemas import InstitutionOut, InstitutionPageOut
from .tagging import tag_of

router = APIRouter(prefix="/v1/institutions", tags=["institutions"], redirect_slashes=False)

_LIST = TypeAdapter(Page[InstitutionOut])
_ONE = TypeAdapter(InstitutionPageOut)
_MANY: Any = Query(max_length=50)
AsOf = Annotated[Day | None, Query(description="The day; today unless given.")]


async def read_wanted(
    as_of: AsOf = None,
    q: Annotated[str | None, Query(min_length=2, max_length=200)] = None,
    kind: Annotated[list[InstitutionKind], Query()] = [],  # noqa: B006  FastAPI copies it.
    abbreviation: Annotated[
        list[Annotated[str, Query(max_length=50)]],
        Query(
            max_length=50,
            description="Abbreviations are not unique: every institution that has it is named.",
            examples=[["MEST"]],
        ),
    ] = [],  # noqa: B006
    parent: Annotated[list[Code], _MANY] = [],  # noqa: B006
    municipality: Annotated[list[Code], _MANY] = [],  # noqa: B006
) -> Wanted:
    """Read which institutions a request is about."""
    return Wanted(
        as_of or today(),
        q,
        tuple(kind),
        tuple(abbreviation),
        tuple(parent),
        tuple(municipality),
    )


@router.get("", response_model=Page[InstitutionOut], dependencies=[public()])
async def list_institutions(
    request: Request,
    connection: Reader,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    language: Language,
) -> Response:
    """List the institutions of a day under their names of that day, by code. Public.

    `q` looks in every name and abbreviation of any time. One that may have existed is `possible`.
    """
    found = await queries.list_institutions(connection, page, wanted)
    dated = await queries.load_names(connection, [row.code for row in found.items])
    items = [
        presenting.show_listed(row, dated[row.code], wanted.as_of, language) for row in found.items
    ]
    shown = _LIST.validate_python(Found(items, found.page))
    return answer(request, _LIST, shown, cache=PUBLIC)


@router.get(
    "/{code}",
    response_model=InstitutionPageOut,
    dependencies=[public()],
    responses={404: {"description": "There is no such institution."}},
)
async def get_institution(
    request: Request, connection: Reader, code: str, language: Language, as_of: AsOf = None
) -> Response:
    """Show everything known of one institution, each statement with its source; public.

    With `as_of` only the names and parents that held or may have held on that day.
    """
    said = await queries.get_institution(connection, code)
    on = as_of or today()
    is_dated = as_of is not None
    shown = presenting.show_page(said, on, language, is_dated=is_dated)
    tag = tag_of(shown, language, key=request.app.state.etag_key, is_dated=is_dated)
    return answer(request, _ONE, shown, tag=tag, cache=PUBLIC)
