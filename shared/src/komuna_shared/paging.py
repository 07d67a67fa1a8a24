"""Lists page by page: a page starts after the last row of the one before, never at an offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from hmac import digest
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared.cursors import open_values, seal_values
from komuna_shared.errors import BadRequestError, FieldError

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


async def read_page(
    request: Request,
    limit: Annotated[int, Query(description="1 to 200; more is 200.")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=1400)] = None,
    sort: Annotated[str, Query(max_length=200, description="Keys, `-` for descending.")] = "",
    count: Annotated[Literal["exact"] | None, Query()] = None,
) -> PageRequest:
    """Read which page a request asks for; its cursor is bound to filters, order and caller."""
    scope, state = request.scope, request.app.state
    query = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
    principal = scope["state"]["principal"]
    caller = (principal.issuer, principal.subject) if principal is not None else ()
    filters = sorted(pair for pair in query if pair[0] not in _UNBOUND)
    bound = repr((scope["path"], caller, filters)).encode()
    size = min(max(limit, 1), MAX_LIMIT)
    return PageRequest(
        limit=size,
        is_coerced=size != limit,
        cursor=cursor,
        sort=sort,
        count=count is not None,
        url=f"{state.base_url}{scope['path']}",
        query=tuple(pair for pair in query if pair[0] != "cursor"),
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
    order = _order(page.sort or default, keys)
    total = await _total(connection, statement) if page.count else None
    marks = [key.column.label(f"page_key_{i}") for i, (key, _) in enumerate(order)]
    paged = statement.add_columns(*marks).limit(page.limit + 1)
    paged = paged.order_by(
        *(key.column.desc() if down else key.column.asc() for key, down in order)
    )
    if page.cursor is not None:
        paged = paged.where(_after(order, open_values(page.cursor, page.key, _names(order))))
    rows = (await connection.execute(paged)).all()
    shown = rows[: page.limit]
    cursor = None
    if len(rows) > page.limit:
        cursor = seal_values(shown[-1][-len(order) :], page.key, _names(order))
    return Found(_unwrap(statement, shown), _info(page, cursor, total))


Order = list[tuple[Key, bool]]


def _order(sort: str, keys: Sequence[Key]) -> Order:
    named = {key.name: key for key in keys}
    order: Order = []
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


def _after(order: Order, values: list[Any]) -> ColumnElement[bool]:
    if len({down for _, down in order}) == 1 and not any(key.nullable for key, _ in order):
        # A row comparison is one range of one index.
        left = tuple_(*(key.column for key, _ in order))
        right = tuple_(*(_bind(key, value) for (key, _), value in zip(order, values, strict=True)))
        return left < right if order[0][1] else left > right
    choices: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for (key, down), value in zip(order, values, strict=True):
        choices.append(and_(*equal, _beyond(key, value, down=down)))
        equal.append(key.column.is_(None) if value is None else key.column == _bind(key, value))
    return or_(*choices)


def _beyond(key: Key, value: Any, *, down: bool) -> ColumnElement[bool]:
    # Postgres puts NULL last in ascending and first in descending order.
    if value is None:
        return key.column.is_not(None) if down else literal(value=False)
    if down:
        return key.column < _bind(key, value)
    more = key.column > _bind(key, value)
    return or_(more, key.column.is_(None)) if key.nullable else more


def _bind(key: Key, value: Any) -> ColumnElement[Any]:
    return literal(value, key.column.type)


async def _total(connection: AsyncConnection | AsyncSession, statement: AnySelect) -> int:
    counted = select(func.count()).select_from(statement.order_by(None).subquery())
    return int((await connection.execute(counted)).scalar_one())


def _unwrap(statement: AnySelect, rows: Sequence[Any]) -> list[Any]:
    described = statement.column_descriptions
    if len(described) == 1 and described[0]["expr"] is described[0].get("entity"):
        return [row[0] for row in rows]
    return list(rows)


def _info(page: PageRequest, cursor: str | None, total: int | None) -> PageInfo:
    following = None
    if cursor is not None:
        following = f"{page.url}?{urlencode([*page.query, ('cursor', cursor)])}"
    return PageInfo(page.limit, cursor, following, page.is_coerced, total)
