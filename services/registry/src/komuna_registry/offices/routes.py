"""HTTP for offices: which there are, and who holds or held them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import StringConstraints

from komuna_registry.clock import today
from komuna_registry.fields import Code
from komuna_registry.municipalities.frame import CurrentFrame
from komuna_registry.municipalities.queries import find_called
from komuna_registry.shelf import shelf_of
from komuna_shared.access import public
from komuna_shared.answers import JSON, PUBLIC, Language, answer, answer_bytes
from komuna_shared.database import Reader
from komuna_shared.days import Day
from komuna_shared.paging import Page, Paging

from . import counting, presenting, queries
from .answering import PLAIN
from .counts import OfficeCountsOut, show_counts
from .queries import Wanted
from .rules import Breakdown
from .schemas import OfficeKindOut, OfficeOut

router = APIRouter(prefix="/v1", tags=["offices"], redirect_slashes=False)

_BREAKDOWNS = "^({0})(,({0})){{0,2}}$".format("|".join(Breakdown))


async def read_wanted(
    frame: CurrentFrame,
    held_on: Annotated[Day | None, Query(examples=["2010-06-01"])] = None,
    q: Annotated[str | None, Query(min_length=2, max_length=200, examples=["Almhofer"])] = None,
    kind: Annotated[list[Code], Query()] = [],  # noqa: B006  FastAPI copies it.
    institution: Annotated[list[Code], Query()] = [],  # noqa: B006
    municipality: Annotated[list[Code], Query()] = [],  # noqa: B006
) -> Wanted:
    """Read which offices a request is about."""
    called = find_called(frame, q) if q is not None else ()
    return Wanted(held_on, q, tuple(kind), tuple(institution), tuple(municipality), called)


async def read_breakdowns(
    by: Annotated[
        list[Annotated[str, StringConstraints(pattern=_BREAKDOWNS)]],
        Query(
            max_length=3,
            description="`sex`, `community`, `municipality`; several with commas between.",
            examples=[["sex,municipality"]],
        ),
    ] = [],  # noqa: B006  FastAPI copies it.
) -> list[Breakdown]:
    """Read by what holders are to be counted, each once."""
    named = dict.fromkeys(one for several in by for one in several.split(","))
    return [Breakdown(one) for one in named]


@router.get("/offices", response_model=Page[OfficeOut], dependencies=[public()])
async def list_offices(
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    language: Language,
) -> Response:
    """List offices with their holders, by code; public.

    `held_on` shows who held them on a day, `possible` where the source's dates leave it open; `q`
    looks in the names of offices, holders, institutions and municipalities.
    """
    found = await queries.list_offices(connection, page, wanted)
    by_office = await queries.list_tenures(connection, [row.code for row in found.items])
    day = wanted.held_on or today()
    items = []
    for row in found.items:
        known = by_office[row.code]
        tenures = [presenting.show_tenure(one, wanted.held_on) for one in known]
        if wanted.held_on is not None:
            tenures = [one for one in tenures if one["certainty"] is not None]
        items.append(
            presenting.show_office(row, known, frame, language, day) | {"tenures": tenures}
        )
    return answer(request, PLAIN, {"items": items, "page": found.page}, cache=PUBLIC)


@router.get("/offices/counts", response_model=OfficeCountsOut, dependencies=[public()])
async def compute_office_counts(
    request: Request,
    connection: Reader,
    kind: Annotated[list[Code], Query(min_length=1, max_length=50, examples=[["mayor"]])],
    by: Annotated[list[Breakdown], Depends(read_breakdowns)],
    as_of: Annotated[Day | None, Query(description="The day; today unless given.")] = None,
) -> Response:
    """Count who holds offices of some kinds on a day, and of how many nobody knows; public.

    Counted are holders whom a source names, certain on the day; those whose sex or community no
    source tells are a group of their own. `published` points to figures that documents print of
    the same offices without naming anybody.
    """
    day = as_of or today()

    async def make() -> bytes:
        found = await counting.count_offices(connection, kind, by, day)
        return PLAIN.dump_json(show_counts(found, kind, by, day))

    key = ("counts", *kind, "by", *by, day)
    body = await shelf_of(request).answer(connection, key, make)
    return answer_bytes(request, body, media_type=JSON, cache=PUBLIC)


@router.get("/office-kinds", response_model=Page[OfficeKindOut], dependencies=[public()])
async def list_office_kinds(
    request: Request, connection: Reader, page: Paging, language: Language
) -> Response:
    """List the kinds of offices, by code; public."""
    found = await queries.list_kinds(connection, page)
    items = [presenting.show_kind(row, language) for row in found.items]
    return answer(request, PLAIN, {"items": items, "page": found.page}, cache=PUBLIC)
