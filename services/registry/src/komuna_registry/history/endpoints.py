"""The route of a record's history, for the routes of whichever feature has the record."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter
from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from komuna_registry.accounts.queries import load_caller
from komuna_shared.access import Principal, public, requires
from komuna_shared.answers import NO_STORE, PRIVATE, PUBLIC, answer
from komuna_shared.database import Reader
from komuna_shared.errors import NotFoundError
from komuna_shared.paging import Page, Paging

from . import queries, telling
from .queries import Sight
from .schemas import HistoryEntryOut

SCOPE = "registry.history.read"
Look = Callable[[AsyncConnection, Principal | None, str], Awaitable[Sight]]

_LIST = TypeAdapter(dict[str, Any])
_ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"description": "The token is not valid."},
    404: {"description": "There is no such record, or none that you may know of."},
}
_PUBLIC = "Public; with the scope `registry.history.read` and a role, also by whom."
_CLOSED = "For whoever may read the record; with `registry.history.read` and a role, also by whom."


@dataclass(frozen=True, slots=True)
class History:
    """The history of one type of record.

    `look` raises `NotFoundError` for a record that the caller may not know of now, and returns how
    much of its past they may see; `scope` is asked of every caller where the record is not public;
    `more` are scopes that show more of it.
    """

    type: str
    name: str
    look: Look
    scope: str | None = None
    more: tuple[str, ...] = ()


def known(column: InstrumentedAttribute[Any]) -> Look:
    """Return what finds a record that everybody may know of, by the column that names it."""

    async def look(connection: AsyncConnection, _: Principal | None, record: str) -> Sight:
        found = await connection.execute(select(literal(1)).where(column == _read(column, record)))
        if found.first() is None:
            raise NotFoundError
        return Sight()

    return look


def add_history(router: APIRouter, path: str, history: History) -> None:
    """Add the route to `router`; `path` ends in `{record}/history`."""
    access = public() if history.scope is None else requires(history.scope)
    shows_more = [{"bearer": [scope]} for scope in (SCOPE, *history.more)]

    @router.get(
        path,
        name=f"list_{history.type}_history",
        summary=f"List how {history.name} changed",
        description=f"List how {history.name} changed, the latest first: what every row of it was "
        "and what it became, and by which source. What was written while it was for fewer readers "
        f"is not told.\n\n{_PUBLIC if history.scope is None else _CLOSED}",
        response_model=Page[HistoryEntryOut],
        responses=_ANSWERS,
        openapi_extra=None if history.scope else {"security": [{}, *shows_more]},
    )
    async def list_history(
        request: Request,
        connection: Reader,
        page: Paging,
        principal: Annotated[Principal | None, access],
        record: str,
    ) -> Response:
        sight = await history.look(connection, principal, record)
        found = await queries.list_entries(connection, page, (history.type, record), sight)
        names_people = await _may_know_who(connection, principal)
        items = [telling.tell_entry(row, names_people=names_people) for row in found.items]
        shown = {"items": items, "page": found.page}
        return answer(request, _LIST, shown, cache=_cache(history, principal))


async def _may_know_who(connection: AsyncConnection, principal: Principal | None) -> bool:
    if principal is None or principal.is_service or SCOPE not in principal.scopes:
        return False
    return bool((await load_caller(connection, principal)).roles)


def _cache(history: History, principal: Principal | None) -> str:
    if history.scope is not None:
        return NO_STORE
    return PUBLIC if principal is None else PRIVATE


def _read(column: InstrumentedAttribute[Any], record: str) -> str | UUID:
    if column.type.python_type is not UUID:
        return record
    try:
        return UUID(record)
    except ValueError:
        raise NotFoundError from None
