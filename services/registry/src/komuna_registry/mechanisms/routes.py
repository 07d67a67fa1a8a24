"""HTTP for mechanisms."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.clock import today
from komuna_registry.fields import Code
from komuna_registry.municipalities.frame import CurrentFrame
from komuna_registry.sources.queries import find_sources
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer, csv_answer, negotiate_format
from komuna_shared.database import Reader
from komuna_shared.days import Day
from komuna_shared.paging import Found, Page, Paging

from . import coverage, queries
from .schemas import CoverageOut, KindOut

router = APIRouter(prefix="/v1", tags=["mechanisms"], redirect_slashes=False)

_COVERAGE = TypeAdapter(CoverageOut)
_KINDS = TypeAdapter(Page[KindOut])


@router.get(
    "/mechanisms/coverage",
    response_model=CoverageOut,
    dependencies=[public()],
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        404: {"description": "There is no such kind."},
    },
)
async def compute_coverage(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    language: Language,
    kind: Annotated[Code, Query(examples=["language_link"])],
    as_of: Annotated[Day | None, Query(description="The day; today unless given.")] = None,
    format: Annotated[Literal["json", "csv"] | None, Query()] = None,  # noqa: A002, ARG001  The name of the parameter; read from the request.
) -> Response:
    """Tell for every municipality of a day whether it has a mechanism, and why we say so; public.

    What no source tells is `unknown`, what sources tell in two ways is `contradictory`, with all
    statements. The totals add up to the municipalities that certainly existed on the day.
    """
    chosen = negotiate_format(request, ("json", "csv"))
    found = await queries.compute_coverage(connection, frame, kind, as_of or today())
    if chosen == "csv":
        body = coverage.as_csv(found, language)
        return csv_answer(request, body, filename=f"coverage-{kind}.csv", cache=PUBLIC)
    sources = await find_sources(connection, [source for source, _ in found.consulted])
    shown = coverage.as_json(found, sources, language)
    return answer(request, _COVERAGE, shown, cache=PUBLIC)


@router.get("/mechanism-kinds", response_model=Page[KindOut], dependencies=[public()])
async def list_mechanism_kinds(
    request: Request, connection: Reader, page: Paging, language: Language
) -> Response:
    """List the kinds of mechanisms, with who must have one and by which act; public."""
    found = await queries.list_kinds(connection, page)
    shown = Found([coverage.describe_kind(row, language) for row in found.items], found.page)
    return answer(request, _KINDS, _KINDS.validate_python(shown), cache=PUBLIC)
