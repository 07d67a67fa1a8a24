"""What the database is asked about figures. What the public sees starts from `_visible_to_all`."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Double,
    Numeric,
    Row,
    Select,
    and_,
    cast,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_indicators.catalogue.rules import TOTAL, Dimension
from komuna_indicators.municipalities.rules import COUNTRY
from komuna_indicators.periods import Period
from komuna_indicators.releases.models import Release
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .frames import framed
from .models import Observation, ObservationInput
from .rules import IDENTITY, STATED, Origin, Status

DIMENSIONS = tuple(Dimension)
FIGURES = Observation.__table__
_FOREVER: ColumnElement[Any] = literal_column("'infinity'")


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """Which figures a request is about; what is empty does not narrow it.

    The same text of a query gives the same object, and that its statement again.
    """

    dataflows: Sequence[str] = ()
    indicators: Sequence[str] = ()
    municipalities: Sequence[str] = ()
    periods: Sequence[Period] = ()
    within: Period | None = None
    codes: dict[Dimension, Sequence[str]] = field(default_factory=dict)
    broken_down_by: frozenset[str] | None = None
    origins: Sequence[Origin] = ()
    statuses: Sequence[Status] = ()
    documents: Sequence[str] = ()
    facts: Sequence[str] = ()
    as_of: datetime | None = None

    @property
    def asks_each_municipality(self) -> bool:
        """Say whether a municipality without a figure must be told as missing."""
        by_place = self.broken_down_by is not None and "municipality" in self.broken_down_by
        named = any(one != COUNTRY for one in self.municipalities)
        narrowed = self.statuses or self.facts or self.origins
        return bool((by_place or named) and self.indicators and not narrowed)


async def list_observations(
    connection: AsyncConnection, page: PageRequest, wanted: Wanted
) -> Found[Row[Any]]:
    """Return one page of public figures, or of the reasons why there are none."""
    listed, keys = _list_of(wanted)
    return await keyset(connection, listed, page, keys=keys, default=_ORDER)


async def read_observations(
    connection: AsyncConnection, page: PageRequest, wanted: Wanted, *, most: int
) -> AsyncIterator[Sequence[Row[Any]]]:
    """Yield all public figures in batches, up to `most` rows."""
    rest, cursor = most, page.cursor
    while rest > 0:
        part = replace(page, limit=min(_BATCH, rest), cursor=cursor, count=False)
        found = await list_observations(connection, part, wanted)
        yield found.items
        rest -= len(found.items)
        cursor = found.page.next_cursor
        if cursor is None:
            return


async def find_inputs(connection: AsyncConnection, observation_id: UUID) -> Sequence[Row[Any]]:
    """Return what a figure rests on, in order."""
    inputs = ObservationInput.__table__
    shown = (
        _visible_to_all()
        .add_columns(inputs.c.role)
        .join(inputs, inputs.c.input_id == FIGURES.c.id)
        .where(inputs.c.observation_id == observation_id)
        .order_by(inputs.c.position)
    )
    return (await connection.execute(shown)).all()


def published(wanted: Wanted) -> Select[Any]:
    """Return the statement that reads all public figures, for whoever takes them out whole."""
    codes = (FIGURES.c[name] for name in DIMENSIONS)
    return _visible_to_all().add_columns(*codes).where(_current(wanted.as_of), *_places(wanted))


async def find_current(
    session: AsyncSession, identities: Iterable[tuple[Any, ...]]
) -> dict[tuple[Any, ...], Row[Any]]:
    """Return the current statements with these identities, for whoever writes them."""
    columns = tuple_(*(FIGURES.c[name] for name in IDENTITY))
    rows = await session.execute(_writable_by_editors().where(columns.in_(list(identities))))
    return {tuple(getattr(row, name) for name in IDENTITY): row for row in rows}


async def find_facts(session: AsyncSession, facts: Iterable[str]) -> dict[str, Row[Any]]:
    """Return the current statement of each fact, for whoever writes them."""
    rows = await session.execute(_writable_by_editors().where(FIGURES.c.fact.in_(list(facts))))
    return {row.fact: row for row in rows}


async def find_tables(
    session: AsyncSession, tables: Iterable[tuple[Any, ...]]
) -> list[dict[str, Any]]:
    """Return the current figures of whole tables: one indicator, period and document each."""
    columns = (FIGURES.c[name] for name in ("indicator", "period_from", "period_to", "document"))
    of_tables = _writable_by_editors().where(tuple_(*columns).in_(list(tables)))
    rows = await session.execute(of_tables)
    return [dict(row) for row in rows.mappings()]


_BATCH = 2_000
# What rows hold of a figure, in the order in which `presentation` takes it from them. The codes of
# the dimensions stand in `breakdown`; their columns are there to filter by.
_SHOWN = (
    *("id", "dataflow", "indicator", "municipality", "period_from", "period_to", "breakdown"),
    *("value", "status", "reason", "qualifier", "unit", "decimals", "numerator", "denominator"),
    *("origin", "source", "document", "fact", "members", "note"),
    *("coverage_count", "coverage_of"),
)


@lru_cache(maxsize=512)
def _list_of(wanted: Wanted) -> tuple[Select[Any], Sequence[Key]]:
    conditions = [*_conditions(wanted), _current(wanted.as_of)]
    if wanted.asks_each_municipality:
        # Documents may be silent about a place; a release of reports names every reporter.
        is_stated = FIGURES.c.origin.in_(STATED)
        stated = _visible_to_all().where(*conditions, is_stated).subquery()
        reported = _visible_to_all().where(*conditions, ~is_stated, *_places(wanted))
        asked = union_all(select(framed(stated, wanted.municipalities)), reported).subquery()
        return select(asked), _keys(asked.c)
    return _visible_to_all().where(*conditions, *_places(wanted)), _KEYS


@cache
def _visible_to_all() -> Select[Any]:
    release = Release.__table__
    shown = (
        # A figure has at most fifteen digits, so a double holds it exactly, and is read faster.
        cast(column, Double).label(column.name) if isinstance(column.type, Numeric) else column
        for column in (FIGURES.c[name] for name in _SHOWN)
    )
    return select(*shown, release.c.code.label("release")).join_from(
        FIGURES, release, release.c.id == FIGURES.c.release_id
    )


def _writable_by_editors() -> Select[Any]:
    return select(FIGURES).where(_current(None))


def _keys(columns: Any) -> list[Key]:
    return [Key(name.removesuffix("_from"), columns[name]) for name in IDENTITY]


def _current(as_of: datetime | None) -> ColumnElement[bool]:
    if as_of is None:
        return FIGURES.c.valid_to == _FOREVER
    return and_(FIGURES.c.valid_from <= as_of, FIGURES.c.valid_to > as_of)


def _places(wanted: Wanted) -> list[ColumnElement[bool]]:
    place = FIGURES.c.municipality
    if wanted.municipalities:
        return [place.in_(wanted.municipalities)]
    if wanted.broken_down_by is None:
        return []
    is_total = place == COUNTRY
    return [~is_total if "municipality" in wanted.broken_down_by else is_total]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    columns = FIGURES.c
    conditions: list[ColumnElement[bool]] = [
        column.in_(values)
        for column, values in (
            (columns.dataflow, wanted.dataflows),
            (columns.indicator, wanted.indicators),
            (columns.origin, wanted.origins),
            (columns.status, wanted.statuses),
            (columns.document, wanted.documents),
            (columns.fact, wanted.facts),
        )
        if values
    ]
    if wanted.periods:
        ranges = [(period.start, period.end) for period in wanted.periods]
        conditions.append(tuple_(columns.period_from, columns.period_to).in_(ranges))
    if wanted.within is not None:
        conditions.append(columns.period_from >= wanted.within.start)
        conditions.append(columns.period_to <= wanted.within.end)
    return [*conditions, *_breakdown(wanted)]


def _breakdown(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name in DIMENSIONS:
        column = FIGURES.c[name]
        if codes := wanted.codes.get(name):
            conditions.append(column.in_(codes))
        elif wanted.broken_down_by is not None:
            is_total = column.is_(None) | (column == TOTAL)
            conditions.append(~is_total if name in wanted.broken_down_by else is_total)
    return conditions


_KEYS = _keys(FIGURES.c)
_ORDER = ",".join(key.name for key in _KEYS)
