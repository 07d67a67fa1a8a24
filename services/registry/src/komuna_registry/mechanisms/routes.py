"""HTTP for mechanisms."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.clock import today
from komuna_registry.fields import Code
from komuna_registry.municipalities.frame import CurrentFrame
from komuna_registry.shelf import shelf_of
from komuna_registry.sources.queries import find_sources
from komuna_shared.access import public
from komuna_shared.answers import (
    JSON,
    PUBLIC,
    Language,
    answer,
    answer_bytes,
    csv_answer,
    negotiate_format,
)
from komuna_shared.database import Reader
from komuna_shared.days import Day
from komuna_shared.etags import etag
from komuna_shared.paging import Found, Page, Paging

from . import coverage, meetings, presenting, queries, register
from .register import Wanted
from .schemas import CoverageOut, KindOut
from .single import MechanismOut, MeetingsOut

router = APIRouter(prefix="/v1", tags=["mechanisms"], redirect_slashes=False)

_COVERAGE = TypeAdapter(CoverageOut)
_KINDS = TypeAdapter(Page[KindOut])
_MECHANISM = TypeAdapter(MechanismOut)
_MECHANISMS = TypeAdapter(Page[MechanismOut])
_MEETINGS = TypeAdapter(MeetingsOut)


async def read_wanted(
    kind: Annotated[list[Code], Query()] = [],  # noqa: B006  FastAPI copies it.
    municipality: Annotated[list[Code], Query()] = [],  # noqa: B006
    is_synthetic: Annotated[  # noqa: FBT002
        bool, Query(description="Made-up mechanisms of the demonstration, instead of real ones.")
    ] = False,
) -> Wanted:
    """Read which mechanisms a request is about."""
    return Wanted(tuple(kind), tuple(municipality), is_synthetic)


@router.get(
    "/mechanisms/coverage",
    response_model=CoverageOut,
    dependencies=[public()],
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def compute_coverage(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    language: Language,
    kind: Annotated[
        Code,
        Query(description="A code, or an abbreviation like `dcmac`.", examples=["language_link"]),
    ],
    as_of: Annotated[Day | None, Query(description="The day; today unless given.")] = None,
    format: Annotated[Literal["json", "csv"] | None, Query()] = None,  # noqa: A002, ARG001  The name of the parameter; read from the request.
) -> Response:
    """Tell for every municipality of a day whether it has a mechanism, and why we say so; public.

    What no source tells is `unknown`, what sources tell in two ways is `contradictory`, with all
    statements. Whether one is required is told beside; a rule of ten percent needs a sourced share.
    The totals add up to the municipalities that certainly existed on the day.
    """
    chosen = negotiate_format(request, ("json", "csv"))
    day = as_of or today()

    async def make() -> bytes:
        found = await queries.compute_coverage(connection, frame, kind, day)
        if chosen == "csv":
            return coverage.as_csv(found, language)
        sources = await find_sources(connection, coverage.name_sources(found))
        return _COVERAGE.dump_json(coverage.as_json(found, sources, language))

    key = ("coverage", kind, day, language, chosen, frame.version)
    body = await shelf_of(request).answer(connection, key, make)
    if chosen == "csv":
        return csv_answer(request, body, filename=f"coverage-{kind}.csv", cache=PUBLIC)
    return answer_bytes(request, body, media_type=JSON, cache=PUBLIC)


@router.get("/mechanism-kinds", response_model=Page[KindOut], dependencies=[public()])
async def list_mechanism_kinds(
    request: Request, connection: Reader, page: Paging, language: Language
) -> Response:
    """List the kinds of mechanisms, with who must have one and by which act; public."""
    found = await queries.list_kinds(connection, page)
    shown = Found([coverage.describe_kind(row, language) for row in found.items], found.page)
    return answer(request, _KINDS, _KINDS.validate_python(shown), cache=PUBLIC)


@router.get("/mechanisms", response_model=Page[MechanismOut], dependencies=[public()])
async def list_mechanisms(
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    language: Language,
) -> Response:
    """List single mechanisms by code, with whom they serve and their dated states; public."""
    found = await register.list_mechanisms(connection, page, wanted)
    items = [presenting.show_mechanism(one, frame, language) for one in found.items]
    shown = _MECHANISMS.validate_python(Found(items, found.page))
    return answer(request, _MECHANISMS, shown, cache=PUBLIC)


@router.get(
    "/mechanisms/{code}",
    response_model=MechanismOut,
    dependencies=[public()],
    responses={404: {"description": "There is no such mechanism."}},
)
async def get_mechanism(
    request: Request, connection: Reader, frame: CurrentFrame, code: str, language: Language
) -> Response:
    """Show one mechanism: whom it serves, and each state with its dates and source; public."""
    found = await register.get_mechanism(connection, code)
    shown = presenting.show_mechanism(found, frame, language)
    tag = etag(
        "mechanism", code, shown.version, language, frame.version, key=request.app.state.etag_key
    )
    return answer(request, _MECHANISM, shown, tag=tag, cache=PUBLIC)


@router.get(
    "/mechanisms/{code}/meetings",
    response_model=MeetingsOut,
    dependencies=[public()],
    responses={404: {"description": "There is no such mechanism."}},
)
async def list_meetings(
    request: Request,
    connection: Reader,
    code: str,
    year: Annotated[
        int | None, Query(ge=1999, le=2100, description="The year; the present one unless given.")
    ] = None,
) -> Response:
    """List the meetings of a mechanism in a year, and whether it met as often as it must; public.

    Attendance is told by sex and by community where a source tells it; null means nobody told.
    """
    found = await register.get_mechanism(connection, code)
    kind = await queries.get_kind(connection, found.row.kind)
    asked = year or today().year
    met = await meetings.list_meetings(connection, code, asked)
    shown = presenting.show_meetings(found.row, kind, asked, met)
    return answer(request, _MEETINGS, shown, cache=PUBLIC)
