"""HTTP for buildings and how accessible they are."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.clock import today
from komuna_registry.fields import Code
from komuna_registry.municipalities.frame import CurrentFrame
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader
from komuna_shared.days import Day
from komuna_shared.paging import Found, Page, Paging

from . import presenting, queries, shares
from .answering import show, tag_facility
from .queries import Wanted
from .rules import FacilityKind
from .schemas import CriterionOut, FacilityOut, FacilitySharesOut
from .shares import Breakdown

router = APIRouter(prefix="/v1", tags=["facilities"], redirect_slashes=False)

_LIST = TypeAdapter(Page[FacilityOut])
_ONE = TypeAdapter(FacilityOut)
_CRITERIA = TypeAdapter(Page[CriterionOut])
# What was not asked for is absent, which a model would tell as null.
_PLAIN = TypeAdapter(dict[str, Any])
_NOT_THERE: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such facility."}}
AsOf = Annotated[Day | None, Query(description="The day to judge them on; today unless given.")]
Synthetic = Annotated[
    bool, Query(description="Made-up buildings of the demonstration, instead of real ones.")
]


async def read_wanted(
    kind: Annotated[list[FacilityKind], Query(max_length=3)] = [],  # noqa: B006  FastAPI copies it.
    municipality: Annotated[list[Code], Query(max_length=50)] = [],  # noqa: B006
    commission: Annotated[list[Code], Query(max_length=50)] = [],  # noqa: B006
    is_surveyed: Annotated[bool | None, Query()] = None,
    is_synthetic: Synthetic = False,  # noqa: FBT002
) -> Wanted:
    """Read which buildings a request is about."""
    return Wanted(tuple(kind), tuple(municipality), tuple(commission), is_surveyed, is_synthetic)


@router.get("/facilities", response_model=Page[FacilityOut], dependencies=[public()])
async def list_facilities(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    language: Language,
    as_of: AsOf = None,
) -> Response:
    """List the buildings that were surveyed for access, or are to be, by code; public.

    `standing` says what the newest survey of the day tells; what nobody surveyed is `unknown`.
    """
    found = await queries.list_facilities(connection, page, wanted)
    items = await show(connection, found.items, frame, as_of or today(), language)
    shown = _LIST.validate_python(Found(items, found.page))
    return answer(request, _LIST, shown, cache=PUBLIC)


@router.get("/facilities/shares", response_model=FacilitySharesOut, dependencies=[public()])
async def compute_facility_shares(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    connection: Reader,
    by: Annotated[
        str,
        Query(
            pattern=r"^(kind|municipality)(,(kind|municipality))?$",
            description="`kind`, `municipality`, or both with a comma between.",
            examples=["kind"],
        ),
    ] = "kind",
    kind: Annotated[list[FacilityKind], Query(max_length=3)] = [],  # noqa: B006  FastAPI copies it.
    municipality: Annotated[list[Code], Query(max_length=50)] = [],  # noqa: B006
    as_of: AsOf = None,
    is_synthetic: Synthetic = False,  # noqa: FBT002
) -> Response:
    """Tell how many buildings are accessible on a day, by kind and municipality; public.

    The share is of the buildings that a survey judged; the others are counted as unknown, beside
    it. Counted are the buildings registered here, which need not be all that there are.
    """
    chosen = list(dict.fromkeys(Breakdown(one) for one in by.split(",")))
    wanted = Wanted(tuple(kind), tuple(municipality), is_synthetic=is_synthetic)
    day = as_of or today()
    found = await shares.count_shares(connection, wanted, chosen, day)
    shown = {
        "by": chosen,
        "as_of": day,
        "origin": "synthetic" if is_synthetic else "registered",
        "is_synthetic": is_synthetic,
        "possible_count": found.possible,
        "total": shares.as_json(found.total),
        "items": [
            dict(zip(chosen, values, strict=True)) | shares.as_json(share)
            for values, share in sorted(found.groups.items())
        ],
    }
    return answer(request, _PLAIN, shown, cache=PUBLIC)


@router.get("/accessibility-criteria", response_model=Page[CriterionOut], dependencies=[public()])
async def list_accessibility_criteria(
    request: Request,
    connection: Reader,
    page: Paging,
    language: Language,
    is_synthetic: Synthetic = False,  # noqa: FBT002
) -> Response:
    """List the criteria that buildings are judged by, each with its legal basis if known; public.

    Buildings are judged by AI 33/2007, which no source of Komuna quotes: its criteria are
    listed once somebody brings them in with their articles.
    """
    found = await queries.list_criteria(connection, page, is_synthetic=is_synthetic)
    items = [presenting.show_criterion(row, language) for row in found.items]
    shown = _CRITERIA.validate_python(Found(items, found.page))
    return answer(request, _CRITERIA, shown, cache=PUBLIC)


@router.get(
    "/facilities/{code}",
    response_model=FacilityOut,
    dependencies=[public()],
    responses=_NOT_THERE,
)
async def get_facility(
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    code: str,
    language: Language,
    as_of: AsOf = None,
) -> Response:
    """Show one building with its surveys and what they found, newest first; public."""
    day = as_of or today()
    found = await queries.get_facility(connection, code)
    [shown] = await show(connection, [found], frame, day, language)
    tag = tag_facility(request, found, frame, language, day)
    return answer(request, _ONE, shown, tag=tag, cache=PUBLIC)
