"""HTTP for regions: which there are in each scheme, and who lies in them on a day."""

from collections import defaultdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.clock import today
from komuna_registry.fields import Code
from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import CurrentFrame, Frame
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader
from komuna_shared.days import Day
from komuna_shared.paging import Found, Page, Paging

from . import queries
from .schemas import RegionEntryOut

router = APIRouter(prefix="/v1/regions", tags=["municipalities"], redirect_slashes=False)

_LIST = TypeAdapter(Page[RegionEntryOut])


@router.get("", response_model=Page[RegionEntryOut], dependencies=[public()])
async def list_regions(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    page: Paging,
    language: Language,
    scheme: Annotated[list[Code], Query(max_length=20, examples=["district"])] = [],  # noqa: B006
    as_of: Annotated[Day | None, Query(description="The day; today unless given.")] = None,
) -> Response:
    """List the regions, of one scheme or of all; schemes do not fit into each other. Public.

    The municipalities of a region are those that may have existed on the day.
    """
    found = await queries.list_regions(connection, page, tuple(scheme))
    within = _within(frame, as_of or today())
    items = [
        RegionEntryOut(
            code=row.code,
            scheme=row.scheme,
            names=row.names,
            municipalities=within[row.code],
            source=row.source,
            locator=row.locator,
            **labelled(row.names, language),
        )
        for row in found.items
    ]
    shown = _LIST.validate_python(Found(items, found.page))
    return answer(request, _LIST, shown, cache=PUBLIC)


def _within(frame: Frame, on: date) -> defaultdict[str, list[str]]:
    within: defaultdict[str, list[str]] = defaultdict(list)
    for entry in sorted(frame.entries.values(), key=lambda one: (one.sort_key, one.row.slug)):
        if entry.presence.on(on):
            for region in entry.regions:
                within[region.code].append(entry.row.slug)
    return within
