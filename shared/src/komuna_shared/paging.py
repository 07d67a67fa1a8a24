"""Lists page by page: a page starts after the last row of the one before, never at an offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hmac import digest
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared.cursors import open_values, seal_values
from komuna_shared.errors import BadRequestError, FieldError
from komuna_shared.parameters import query
from komuna_shared.seeking import Mark, after, place

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

# What changes how a page is shown, but not which rows it has.
_UNBOUND = frozenset({"cursor", "limit", "lang", "count", "format", "fields", "expand"})

AnySelect = Select[*tuple[Any, ...]]
Row = TypeVar("Row")
Item = TypeVar("Item")


class UnknownSortError(BadRequestError):
    """`sort` names something this list is not sorted by."""

    code = "unknown_sort"
    detail = "This list is not sorted by that."


@dataclass(frozen=True, slots=True)
class Key:
    """A documented sort key; the last key of a list is unique and always added."""

    name: str
    column: ColumnElement[Any]
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted, by whom, of what."""

    limit: int = DEFAULT_LIMIT
    is_coerced: bool = False
    cursor: str | None = None
    sort: str = ""
    count: bool = False
    url: str = ""
    query: tuple[tuple[str, str], ...] = ()
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page stands in its list."""

    limit: int
    next_cursor: str | None
    next: str | None
    limit_coerced: bool = False
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """The rows of one page."""

    items: list[Row]
    page: PageInfo


class PageOut(BaseModel):
    """Where this page stands: `next` is null on the last one."""

    model_config = ConfigDict(from_attributes=True)

    limit: int = Field(examples=[50])
    next_cursor: str | None
    next: str | None
    limit_coerced: bool = Field(description="The limit asked for was out of bounds.")
    total: int | None = Field(description="Only with `count=exact`.")


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    model_config = ConfigDict(from_attributes=True)

    items: list[Item]
    page: PageOut


class PageQuery(BaseModel):
    """The parameters of every list."""

    limit: int = Field(DEFAULT_LIMIT, description="1 to 200; more is 200.")
    cursor: Annotated[str, Field(max_length=1400)] | None = None
    sort: str = Field("", max_length=200, description="Keys, `-` for descending.")
    count: Literal["exact"] | None = None


async def read_page(request: Request, asked: Annotated[PageQuery, query(PageQuery)]) -> PageRequest:
    """Read which page a request asks for; its cursor is bound to filters, order and caller."""
    scope, state = request.scope, request.app.state
    given = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
    principal = scope["state"]["principal"]
    caller = (principal.issuer, principal.subject) if principal is not None else ()
    filters = sorted(pair for pair in given if pair[0] not in _UNBOUND)
    bound = repr((scope["path"], caller, filters)).encode()
    size = min(max(asked.limit, 1), MAX_LIMIT)
    return PageRequest(
        limit=size,
        is_coerced=size != asked.limit,
        cursor=asked.cursor,
        sort=asked.sort,
        count=asked.count is not None,
        url=f"{state.base_url}{scope['path']}",
        query=tuple(pair for pair in given if pair[0] != "cursor"),
        key=digest(state.settings.key("page"), bound, "sha256"),
    )


Paging = Annotated[PageRequest, Depends(read_page)]


async def keyset(
    connection: AsyncConnection | AsyncSession,
    statement: AnySelect,
    page: PageRequest,
    *,
    keys: Sequence[Key],
    default: str = "",
) -> Found[Any]:
    """Return one page of a statement that has no order of its own; `default` is like `sort`."""
    order = tuple(_order(page.sort or default, keys))
    total = await _total(connection, statement) if page.count else None
    places = None
    if page.cursor is not None:
        places = open_values(page.cursor, page.key, _names(order))
    known = None if places is None else tuple(value is not None for value in places)
    given = {place(i): value for i, value in enumerate(places or ()) if value is not None}
    paged, marks = _paged(statement, order, known)
    rows = (await connection.execute(paged, {_LIMIT: page.limit + 1, **given})).all()
    shown = rows[: page.limit]
    cursor = None
    if len(rows) > page.limit:
        cursor = seal_values([shown[-1][at] for at in marks], page.key, _names(order))
    return Found(_unwrap(statement, shown), _info(page, cursor, total))


Order = tuple[tuple[Key, bool], ...]
_LIMIT = "page_limit"


@lru_cache(maxsize=256)
def _paged(
    statement: AnySelect, order: Order, known: tuple[bool, ...] | None
) -> tuple[AnySelect, tuple[int, ...]]:
    """Return the statement of a page, and where its rows hold the values of the order.

    For a statement that is asked again, SQLAlchemy need not find out again what it says.
    """
    shown = [one["expr"] for one in statement.column_descriptions]
    places: list[int] = []
    for number, (key, _) in enumerate(order):
        at = next((i for i, column in enumerate(shown) if column is key.column), len(shown))
        if at == len(shown):
            shown.append(key.column)
            statement = statement.add_columns(key.column.label(f"page_key_{number}"))
        places.append(at)
    paged = statement.limit(bindparam(_LIMIT, type_=Integer)).order_by(
        *(key.column.desc() if down else key.column.asc() for key, down in order)
    )
    marks = [Mark(key.column, key.nullable, down) for key, down in order]
    return paged if known is None else paged.where(after(marks, known)), tuple(places)


def _order(sort: str, keys: Sequence[Key]) -> list[tuple[Key, bool]]:
    named = {key.name: key for key in keys}
    order: list[tuple[Key, bool]] = []
    for part in filter(None, sort.split(",")):
        key = named.pop(part.removeprefix("-"), None)
        if key is None:
            known = ", ".join(f"`{one.name}`" for one in keys)
            detail = "The list can be sorted by: {known}."
            error = FieldError("/query/sort", "unknown_sort", detail, {"known": known})
            raise UnknownSortError(errors=(error,))
        order.append((key, part.startswith("-")))
    tie = keys[-1]
    if tie.name in named:
        # The tie-breaker follows the direction before it, so that one index serves both.
        order.append((tie, order[-1][1] if order else False))
    return order


def _names(order: Order) -> str:
    return ",".join(("-" if down else "") + key.name for key, down in order)


async def _total(connection: AsyncConnection | AsyncSession, statement: AnySelect) -> int:
    counted = select(func.count()).select_from(statement.order_by(None).subquery())
    return int((await connection.execute(counted)).scalar_one())


def _unwrap(statement: AnySelect, rows: Sequence[Any]) -> list[Any]:
    return [row[0] for row in rows] if _gives_objects(statement) else list(rows)


@lru_cache(maxsize=256)
def _gives_objects(statement: AnySelect) -> bool:
    described = statement.column_descriptions
    return len(described) == 1 and described[0]["expr"] is described[0].get("entity")


def _info(page: PageRequest, cursor: str | None, total: int | None) -> PageInfo:
    following = None
    if cursor is not None:
        following = f"{page.url}?{urlencode([*page.query, ('cursor', cursor)])}"
    return PageInfo(page.limit, cursor, following, page.is_coerced, total)
