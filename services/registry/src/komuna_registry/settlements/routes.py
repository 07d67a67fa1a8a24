"""HTTP for settlements."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.clock import today
from komuna_registry.fields import Code
from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import CurrentFrame, Frame
from komuna_registry.periods import Presence
from komuna_registry.tables import read_days
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader, Record
from komuna_shared.days import Day
from komuna_shared.etags import etag
from komuna_shared.paging import Found, Page, Paging

from . import queries
from .queries import Situated, Wanted
from .schemas import SettlementOut, WithinOut

router = APIRouter(prefix="/v1/settlements", tags=["municipalities"], redirect_slashes=False)

_LIST = TypeAdapter(Page[SettlementOut])
_ONE = TypeAdapter(SettlementOut)
AsOf = Annotated[Day | None, Query(description="The day; today unless given.")]


async def read_wanted(
    as_of: AsOf = None,
    municipality: Annotated[list[Code], Query(max_length=50, examples=["obiliq"])] = [],  # noqa: B006  FastAPI copies it.
    q: Annotated[str | None, Query(min_length=2, max_length=200)] = None,
) -> Wanted:
    """Read which settlements a request is about."""
    return Wanted(as_of or today(), tuple(municipality), q)


@router.get("", response_model=Page[SettlementOut], dependencies=[public()])
async def list_settlements(
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    language: Language,
) -> Response:
    """List the settlements that sources name, with the municipality each lies in; public.

    Komuna holds those that its sources name, not every settlement there is.
    """
    found = await queries.list_settlements(connection, page, wanted)
    items = [_present(one, frame, wanted.as_of, language) for one in found.items]
    shown = _LIST.validate_python(Found(items, found.page))
    return answer(request, _LIST, shown, cache=PUBLIC)


@router.get(
    "/{code}",
    response_model=SettlementOut,
    dependencies=[public()],
    responses={404: {"description": "There is no such settlement."}},
)
async def get_settlement(
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    code: str,
    language: Language,
    as_of: AsOf = None,
) -> Response:
    """Show one settlement with every municipality that it lies or lay in; public."""
    found = await queries.get_settlement(connection, code)
    on = as_of or today()
    shown = _present(found, frame, on, language)
    tag = etag(
        *("settlement", code, shown.version, frame.version, on, language),
        key=request.app.state.etag_key,
    )
    return answer(request, _ONE, shown, tag=tag, cache=PUBLIC)


def _present(one: Situated, frame: Frame, on: date, language: str) -> SettlementOut:
    row = one.row
    return SettlementOut(
        code=row.code,
        kind=row.kind,
        names=row.names,
        municipalities=[_within(place, frame, on, language) for place in one.within],
        version=row.version,
        source=row.source,
        locator=row.locator,
        **labelled(row.names, language),
    )


def _within(place: Record, frame: Frame, on: date, language: str) -> WithinOut:
    held = Presence(read_days(place.certain), read_days(place.possible))
    return WithinOut(
        municipality=place.municipality,
        valid_from=place.valid_from,
        valid_until=place.valid_until,
        certainty=held.on(on),
        source=place.source,
        locator=place.locator,
        **labelled(frame.names_of(place.municipality), language),
    )
