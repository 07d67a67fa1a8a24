"""HTTP for municipalities: lists, one page each, and what a spelling or a code means."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, TypeAdapter

from komuna_registry.clock import today
from komuna_shared.access import public
from komuna_shared.answers import JSON, NO_STORE, PUBLIC, Language, answer, answer_bytes
from komuna_shared.days import Day
from komuna_shared.etags import etag
from komuna_shared.paging import Page, Paging
from komuna_shared.parameters import query

from . import queries
from .frame import CurrentFrame
from .queries import Wanted
from .resolutions import resolve_all
from .schemas import (
    MunicipalityOut,
    MunicipalityPageOut,
    PopulationsOut,
    ResolutionOut,
    ResolutionsIn,
    ResolutionsOut,
)

router = APIRouter(prefix="/v1", tags=["municipalities"], redirect_slashes=False)

_LIST = TypeAdapter(Page[MunicipalityOut])
_ONE = TypeAdapter(MunicipalityPageOut)
_POPULATIONS = TypeAdapter(PopulationsOut)
_RESOLUTION = TypeAdapter(ResolutionOut)
_MANY_BODY = 1_048_576
AsOf = Annotated[Day | None, Query(description="The day; today unless given.")]


class Filters(BaseModel):
    """The filters of the list; a repeated one means "or"."""

    as_of: Day | None = Field(None, description="The day; today unless given.")
    q: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    region: list[str] = Field([], description="Code of a region; repeat for or.")
    code: list[str] = Field([], description="Number in any scheme; repeat for or.")


@router.get("/municipalities", response_model=Page[MunicipalityOut], dependencies=[public()])
async def list_municipalities(
    request: Request,
    frame: CurrentFrame,
    page: Paging,
    filters: Annotated[Filters, query(Filters)],
    language: Language,
) -> Response:
    """List the municipalities of a day in the order of the Albanian alphabet; public.

    Sort by `name` or `slug`. One that may have existed is `possible`; counts leave it out.
    """
    on, raw = filters.as_of or today(), request.scope["query_string"].decode()
    asked = (language, on.isoformat(), raw)
    kept = (*asked, page.key.hex())  # A cursor inside belongs to its caller.
    body = frame.answers.get(kept)
    if body is None:
        wanted = Wanted(on, filters.q, tuple(filters.region), tuple(filters.code))
        found = queries.list_municipalities(frame, page, wanted, language)
        body = _LIST.dump_json(_LIST.validate_python(found, from_attributes=True))
        frame.keep(kept, body)
    tag = etag(frame.version, *asked, key=request.app.state.etag_key)
    return answer_bytes(request, body, media_type="application/json", tag=tag, cache=PUBLIC)


@router.get("/municipalities/resolve", response_model=ResolutionOut, dependencies=[public()])
async def resolve_municipality(
    request: Request,
    frame: CurrentFrame,
    language: Language,
    q: Annotated[str, Query(min_length=1, max_length=200, examples=["Drenas"])],
    scheme: Annotated[str | None, Query(max_length=100, examples=["kas-2011"])] = None,
    as_of: AsOf = None,
) -> Response:
    """Tell which municipality a spelling or a code means on a day; public.

    A bare code that two lists use differently is not resolved: both candidates are named.
    """
    found = queries.resolve(frame, q, scheme=scheme, as_of=as_of or today(), language=language)
    return answer(request, _RESOLUTION, found, cache=PUBLIC)


@router.get("/municipalities/{slug}", response_model=MunicipalityPageOut, dependencies=[public()])
async def get_municipality(
    request: Request, frame: CurrentFrame, slug: str, language: Language
) -> Response:
    """Show everything known of one municipality, each statement with its source; public."""
    found = queries.get_municipality(frame, slug, language)
    tag = etag(frame.version, slug, language, key=request.app.state.etag_key)
    return answer(request, _ONE, found, tag=tag, cache=PUBLIC)


@router.get(
    "/municipalities/{slug}/populations",
    response_model=PopulationsOut,
    dependencies=[public()],
    responses={404: {"description": "There is no such municipality."}},
)
async def list_populations(
    request: Request, frame: CurrentFrame, slug: str, language: Language
) -> Response:
    """List how many people each publication counts there, and by which method; public.

    What was not counted, or not found, is null with its reason, never zero.
    """
    found = queries.list_populations(frame, slug, language)
    return answer(request, _POPULATIONS, found, cache=PUBLIC)


@router.post(
    "/municipality-resolutions",
    response_model=ResolutionsOut,
    dependencies=[public(body=_MANY_BODY)],
)
async def resolve_municipalities(
    request: Request, frame: CurrentFrame, wanted: ResolutionsIn, language: Language
) -> Response:
    """Tell what up to 10,000 spellings or codes mean, in the order they were sent; public.

    Nothing of the request is stored.
    """
    body = await resolve_all(
        frame,
        wanted.names,
        scheme=wanted.scheme,
        as_of=wanted.as_of or today(),
        language=language,
    )
    return answer_bytes(request, body, media_type=JSON, cache=NO_STORE)
