"""HTTP for figures: read what is asked for, make one call, name the format."""

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter
from sqlalchemy import Row

from komuna_indicators.catalogue.snapshot import CurrentCatalogue
from komuna_shared.access import public
from komuna_shared.answers import (
    MEDIA_TYPES,
    PUBLIC,
    Language,
    answer,
    answer_bytes,
    csv_answer,
    negotiate_format,
)
from komuna_shared.database import Reader
from komuna_shared.paging import Found, Page, PageOut, Paging
from komuna_shared.parameters import query

from . import presentation, queries
from .filters import ObservationFilters, read_wanted
from .queries import Wanted
from .schemas import ObservationOut

router = APIRouter(prefix="/v1", tags=["observations"], redirect_slashes=False)

_LIST = TypeAdapter(Page[ObservationOut])
_FORMATS = ("json", "csv", "ndjson")
_MOST_LINES = 100_000
Format = Annotated[
    Literal["json", "csv", "ndjson"] | None,
    Query(alias="format", description="CSV and NDJSON hold all figures, up to 100,000."),
]


@router.get(
    "/observations",
    response_model=Page[ObservationOut],
    dependencies=[public()],
    responses={200: {"content": {MEDIA_TYPES[one]: {} for one in _FORMATS[1:]}}},
)
async def list_observations(
    request: Request,
    connection: Reader,
    catalogue: CurrentCatalogue,
    page: Paging,
    wanted: Annotated[Wanted, query(ObservationFilters, read_wanted)],
    language: Language,
    _: Format = None,
) -> Response:
    """List published figures exactly as their sources state them; public.

    A blank is a blank (`O`, `blank_in_source`), a zero is 0, and what no source states is missing
    (`L`, `not_in_source`). Sort by indicator, municipality, period, breakdown, origin or source.
    """
    chosen = negotiate_format(request, _FORMATS)
    if chosen == "json":
        found = await queries.list_observations(connection, page, wanted)
        items = [presentation.present(row, catalogue, language) for row in found.items]
        return answer(request, _LIST, _page(found, items), cache=PUBLIC)
    table = presentation.CsvText() if chosen == "csv" else presentation.JsonLines()
    batches = queries.read_observations(connection, page, wanted, most=_MOST_LINES)
    async for rows in batches:
        table.write([presentation.present(row, catalogue, language) for row in rows])
    return _file(request, chosen, table.read())


def _page(found: Found[Row[Any]], items: list[ObservationOut]) -> Page[ObservationOut]:
    # Our own rows need no second judgement: the adapter only writes them.
    info = PageOut.model_validate(found.page)
    return cast("Page[ObservationOut]", Page.model_construct(items=items, page=info))


def _file(request: Request, chosen: str, body: bytes) -> Response:
    if chosen == "csv":
        return csv_answer(request, body, filename="observations.csv", cache=PUBLIC)
    return answer_bytes(
        request,
        body,
        media_type=MEDIA_TYPES[chosen],
        cache=PUBLIC,
        filename=f"observations.{chosen}",
    )
