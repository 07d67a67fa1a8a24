"""HTTP for offices: which there are, and who holds or held them."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.fields import Code
from komuna_registry.municipalities.frame import CurrentFrame, Frame
from komuna_registry.municipalities.queries import find_called
from komuna_registry.periods import Presence
from komuna_registry.tables import read_days
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader, Record
from komuna_shared.days import Day
from komuna_shared.languages import label
from komuna_shared.paging import Page, Paging

from . import queries
from .queries import Wanted
from .schemas import OfficeOut

router = APIRouter(prefix="/v1/offices", tags=["offices"], redirect_slashes=False)

# Plain values: rows of Postgres are shown as they are, a test holds them to `OfficeOut`.
_PLAIN = TypeAdapter(dict[str, Any])


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


@router.get("", response_model=Page[OfficeOut], dependencies=[public()])
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
    codes = [row.code for row in found.items]
    tenures = await queries.list_tenures(connection, codes, wanted.held_on)
    items = [
        _present(row, frame, language)
        | {"tenures": [_tenure(one, wanted.held_on) for one in tenures[row.code]]}
        for row in found.items
    ]
    return answer(request, _PLAIN, {"items": items, "page": found.page}, cache=PUBLIC)


@router.get("/{code}", response_model=OfficeOut, dependencies=[public()])
async def get_office(
    request: Request, connection: Reader, frame: CurrentFrame, code: str, language: Language
) -> Response:
    """Show one office with everybody who is known to have held it; public."""
    found = await queries.get_office(connection, code)
    tenures = await queries.list_tenures(connection, [code], None)
    shown = {"tenures": [_tenure(one, None) for one in tenures[code]]}
    return answer(request, _PLAIN, _present(found, frame, language) | shown, cache=PUBLIC)


def _present(row: Record, frame: Frame, language: str) -> dict[str, Any]:
    if row.institution is not None:
        names, owner = row.institution_names, {"kind": "institution", "code": row.institution}
    else:
        names = frame.names_of(row.municipality)
        owner = {"kind": "municipality", "code": row.municipality}
    return {
        "code": row.code,
        "kind": row.kind,
        "label": label(row.names, language)[0],
        "names": row.names,
        "owner": {**owner, "label": label(names, language)[0]},
        "seats": row.seats,
        "version": row.version,
        "source": row.source,
        "locator": row.locator,
    }


def _tenure(row: Record, held_on: date | None) -> dict[str, Any]:
    held = Presence(read_days(row.certain), read_days(row.possible))
    return {
        "id": row.id,
        "seat": row.seat,
        "holder": {
            "code": row.holder,
            "name": row.name,
            "sex": row.sex,
            "sex_source": row.sex_source,
            "sex_locator": row.sex_locator,
            "community": row.community,
        },
        "since": row.since,
        "until": row.until,
        "attested_on": row.attested_on,
        "is_acting": row.is_acting,
        "certainty": held.on(held_on) if held_on else None,
        "source": row.source,
        "locator": row.locator,
    }
