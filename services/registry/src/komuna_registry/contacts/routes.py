"""HTTP for the work contacts of officers; for institutions and municipalities only."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.access import ContactReader, ContactWriter
from komuna_registry.fields import Code
from komuna_registry.municipalities.frame import CurrentFrame, Frame
from komuna_shared.access import Caller
from komuna_shared.answers import (
    MEDIA_TYPES,
    NO_STORE,
    Language,
    answer,
    answer_bytes,
    negotiate_format,
)
from komuna_shared.database import Reader, Record, Session
from komuna_shared.days import Day
from komuna_shared.etags import check_if_match, etag
from komuna_shared.idempotency import Once, once
from komuna_shared.paging import Page, PageRequest, Paging

from . import operations, presenting, queries, sheets
from .ground import list_kinds
from .queries import Wanted
from .schemas import ContactChangeIn, ContactIn, ContactOut, ContactSearchIn, ContactsFoundOut

router = APIRouter(prefix="/v1", tags=["contacts"], redirect_slashes=False)

# Plain values: rows of Postgres are shown as they are, a test holds them to `ContactOut`.
_PLAIN = TypeAdapter(dict[str, Any])
_FORMATS = ("json", "csv", "xlsx")
_MOST_ROWS = 100_000
Format = Annotated[
    Literal["json", "csv", "xlsx"] | None,
    Query(alias="format", description="CSV and XLSX hold the whole list, to be filled in."),
]
_ABSENT: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such contact."}}
_TAKEN: dict[int | str, dict[str, Any]] = {
    409: {"description": "This name and position are in the list, or the key is in use."}
}


async def read_wanted(
    as_of: Annotated[Day | None, Query(description="Only those of this day.")] = None,
    municipality: Annotated[list[Code], Query(examples=[["prishtine"]])] = [],  # noqa: B006
    institution: Annotated[list[Code], Query()] = [],  # noqa: B006  FastAPI copies it.
    kind: Annotated[list[Code], Query()] = [],  # noqa: B006
) -> Wanted:
    """Read which contacts a request is about."""
    return Wanted(as_of, tuple(municipality), tuple(institution), tuple(kind))


@router.get(
    "/contacts",
    response_model=Page[ContactOut],
    responses={200: {"content": {MEDIA_TYPES[one]: {} for one in _FORMATS[1:]}}},
)
async def list_contacts(  # noqa: PLR0913, PLR0917 -- what a list is asked by.
    request: Request,
    connection: Reader,
    caller: ContactReader,
    frame: CurrentFrame,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    language: Language,
    _: Format = None,
) -> Response:
    """List work contacts by municipality, institution and name.

    For whoever has a role in an institution or a municipality; never public, never kept by a cache.
    With `format=xlsx` or `csv` it is the table that is filled in and sent to `/v1/imports`.
    """
    chosen = negotiate_format(request, _FORMATS)
    if chosen != "json":
        return await _table(request, connection, page, (caller, wanted, chosen, language))
    found = await queries.list_contacts(connection, page, caller, wanted)
    items = [presenting.show_contact(row, frame, language) for row in found.items]
    return answer(request, _PLAIN, {"items": items, "page": found.page}, cache=NO_STORE)


@router.post("/contact-searches", response_model=ContactsFoundOut)
async def search_contacts(
    request: Request,
    connection: Reader,
    caller: ContactReader,
    frame: CurrentFrame,
    wanted: ContactSearchIn,
    language: Language,
) -> Response:
    """List the contacts of a name, which stands in no address and no log.

    For whoever has a role in an institution or a municipality. Nothing of the request is stored.
    """
    found = await queries.search_contacts(connection, caller, wanted.name)
    items = [presenting.show_contact(row, frame, language) for row in found]
    return answer(request, _PLAIN, {"items": items}, cache=NO_STORE)


@router.post("/contacts", response_model=ContactOut, status_code=201, responses=_TAKEN)
async def create_contact(  # noqa: PLR0913, PLR0917 -- a request, and what is needed to answer it.
    request: Request,
    session: Session,
    caller: ContactWriter,
    frame: CurrentFrame,
    key: Once,
    wanted: ContactIn,
    language: Language,
) -> Response:
    """Add a work contact; recorded in its history.

    For `municipal_officer` and `municipal_admin` in the own municipality, `institution_admin` in
    the own institution, `coordinator` and `ops` everywhere.
    """
    said = wanted.model_dump(exclude_unset=True)
    made = await once(session, key, lambda: operations.add_contact(session, caller, said))
    row = await queries.get_contact(session, caller, UUID(made.id))
    response = _answer(request, row, frame, language, status=201)
    response.headers.update(made.headers)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/contacts/{made.id}"
    return response


@router.get("/contacts/{contact_id}", response_model=ContactOut, responses=_ABSENT)
async def get_contact(
    request: Request,
    connection: Reader,
    caller: ContactReader,
    frame: CurrentFrame,
    contact_id: UUID,
    language: Language,
) -> Response:
    """Show one work contact.

    For whoever has a role in an institution or a municipality.
    """
    row = await queries.get_contact(connection, caller, contact_id)
    return _answer(request, row, frame, language)


@router.patch("/contacts/{contact_id}", response_model=ContactOut, responses=_ABSENT | _TAKEN)
async def update_contact(  # noqa: PLR0913, PLR0917 -- a request, and what is needed to answer it.
    request: Request,
    session: Session,
    caller: ContactWriter,
    frame: CurrentFrame,
    contact_id: UUID,
    wanted: ContactChangeIn,
    language: Language,
) -> Response:
    """Change a work contact; recorded in its history. Of two who change one version, one wins.

    For whoever may add it.
    """
    row = await queries.get_contact(session, caller, contact_id, is_changing=True)
    check_if_match(request, _tag(request, row, frame, language))
    said = wanted.model_dump(exclude_unset=True)
    await operations.change_contact(session, caller, row, said)
    return _answer(request, await queries.get_contact(session, caller, contact_id), frame, language)


@router.delete("/contacts/{contact_id}", status_code=204, responses=_ABSENT)
async def delete_contact(
    request: Request,
    session: Session,
    caller: ContactWriter,
    frame: CurrentFrame,
    contact_id: UUID,
    language: Language,
) -> None:
    """Take a work contact out of the list; recorded in its history.

    For whoever may add it. One who has left is better given a `valid_until`.
    """
    row = await queries.get_contact(session, caller, contact_id, is_changing=True)
    check_if_match(request, _tag(request, row, frame, language))
    await operations.remove_contact(session, caller, row)


async def _table(
    request: Request,
    connection: AsyncConnection,
    page: PageRequest,
    asked: tuple[Caller, Wanted, str, str],
) -> Response:
    caller, wanted, chosen, language = asked
    cells: list[list[str]] = []
    async for rows in queries.read_contacts(connection, page, caller, wanted, most=_MOST_ROWS):
        cells += [sheets.cells_of(row._mapping) for row in rows]  # noqa: SLF001 -- public name.
    if chosen == "csv":
        body = await asyncio.to_thread(sheets.write_csv, cells)
    else:
        kinds = await list_kinds(connection)
        body = await asyncio.to_thread(sheets.write_workbook, cells, kinds, language)
    return answer_bytes(
        request,
        body,
        media_type=MEDIA_TYPES[chosen],
        cache=NO_STORE,
        filename=f"contacts.{chosen}",
    )


def _answer(
    request: Request, row: Record, frame: Frame, language: str, status: int = 200
) -> Response:
    shown = presenting.show_contact(row, frame, language)
    tag = _tag(request, row, frame, language)
    return answer(request, _PLAIN, shown, tag=tag, cache=NO_STORE, status=status)


def _tag(request: Request, row: Record, frame: Frame, language: str) -> str:
    parts = ("contact", row.id, row.version, frame.version, language)
    return etag(*parts, key=request.app.state.etag_key)
