"""The file that tenures come in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry import periods
from komuna_registry.fields import Code, ImpreciseDate, Locator
from komuna_registry.intake import Table, collection
from komuna_registry.made_up import SYNTHETIC_SINCE
from komuna_registry.periods import Days
from komuna_registry.rows import SourcedRow, check_order
from komuna_registry.sources.models import Source
from komuna_registry.sources.queries import find_made_up
from komuna_registry.tables import ranges, read_days
from komuna_shared.imports import Collection, Counts, Row, RowProblem

from . import telling
from .models import Holder, Office, Tenure
from .rules import OVERLAP, SeatNotFoundError, TenureOverlapError

_MADE_UP = "Nobody is made up under a real office for a time before 2026."
_KEYS = ("office", "seat", "holder", "since", "attested_on")
Key = tuple[Any, ...]


class TenureRow(SourcedRow):
    """Somebody held a seat of an office; `until_source` is the act that ended it, if another."""

    office: Code
    seat: int = Field(default=1, ge=1)
    holder: Code
    since: ImpreciseDate | None = None
    until: ImpreciseDate | None = None
    attested_on: ImpreciseDate | None = None
    is_acting: bool | None = None
    until_source: Code | None = None
    until_locator: Locator | None = None

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.since is None and self.attested_on is None:
            raise PydanticCustomError(
                "missing_value", "A tenure needs its beginning, or a day on which it was seen."
            )
        if (self.until_source is None) != (self.until_locator is None) or (
            self.until_source is not None and self.until is None
        ):
            raise PydanticCustomError(
                "missing_value", "What ended a tenure needs the end, its source and its place."
            )
        check_order(self.since, self.until, self.attested_on)
        return self

    @property
    def presence(self) -> periods.Presence:
        """When the seat was certainly and when it was possibly held."""
        return periods.presence(self.since, self.until, self.attested_on)

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the ranges that its dates stand for."""
        stored = {**self.model_dump(), "is_acting": bool(self.is_acting)}
        return {**stored, **ranges(self.presence)}


async def check_tenures(session: AsyncSession, rows: Sequence[Row[TenureRow]]) -> list[RowProblem]:
    """Return a problem for each tenure that cannot be: nobody's seat, made up, or overlapping."""
    seats = await _find_seats(session, rows)
    made_up = await find_made_up(session, (row.value.source for row in rows))
    problems = await _find_overlaps(session, rows)
    for row in rows:
        tenure, begun = row.value, row.value.presence.possible.lower
        if tenure.seat > seats.get(tenure.office, tenure.seat):
            code, detail = SeatNotFoundError.code, SeatNotFoundError.detail
            problems.append(RowProblem(row.number, "seat", code, detail))
        if tenure.source in made_up and (begun is None or begun < SYNTHETIC_SINCE):
            problems.append(RowProblem(row.number, "source", "synthetic_period", _MADE_UP))
    return problems


async def _find_seats(session: AsyncSession, rows: Sequence[Row[TenureRow]]) -> dict[str, int]:
    named = {row.value.office for row in rows}
    found = await session.execute(select(Office.code, Office.seats).where(Office.code.in_(named)))
    return {one.code: one.seats for one in found}


async def _find_overlaps(session: AsyncSession, rows: Sequence[Row[TenureRow]]) -> list[RowProblem]:
    offices = {row.value.office for row in rows}
    held: defaultdict[tuple[str, int], list[tuple[Key, Days]]] = defaultdict(list)
    for one in await session.scalars(select(Tenure).where(Tenure.office.in_(offices))):
        held[one.office, one.seat].append((_key(one), read_days(one.certain)))
    problems = []
    for row in rows:
        tenure, days = row.value, row.value.presence.certain
        others = held[tenure.office, tenure.seat]
        if any(key != _key(tenure) and _overlap(days, known) for key, known in others):
            code = TenureOverlapError.code
            problems.append(RowProblem(row.number, "since", code, OVERLAP))
        others.append((_key(tenure), days))
    return problems


def _overlap(one: Days, other: Days) -> bool:
    if one.is_empty or other.is_empty:
        return False
    starts = [days.lower for days in (one, other) if days.lower is not None]
    ends = [days.upper for days in (one, other) if days.upper is not None]
    return not starts or not ends or max(starts) < min(ends)


def _keeping_ends(tenures: Collection[Any]) -> Collection[Any]:
    """Return the collection, where a row that says nothing of an end leaves the act's end alone."""

    async def check(session: AsyncSession, rows: Sequence[Row[TenureRow]]) -> list[RowProblem]:
        return await tenures.check(session, await _keep_ends(session, rows))

    async def apply(
        session: AsyncSession, rows: Sequence[Row[TenureRow]], import_id: UUID
    ) -> Counts:
        return await tenures.apply(session, await _keep_ends(session, rows), import_id)

    return replace(tenures, check=check, apply=apply)


async def _keep_ends(session: AsyncSession, rows: Sequence[Row[TenureRow]]) -> list[Row[TenureRow]]:
    ended = await _find_ended(session, rows)
    return [
        row
        if row.value.until is not None
        else replace(row, value=row.value.model_copy(update=ended.get(_key(row.value), {})))
        for row in rows
    ]


async def _find_ended(
    session: AsyncSession, rows: Sequence[Row[TenureRow]]
) -> dict[Key, dict[str, Any]]:
    found = await session.scalars(
        select(Tenure).where(
            Tenure.office.in_({row.value.office for row in rows}), Tenure.until_source.is_not(None)
        )
    )
    return {
        _key(one): {name: getattr(one, name) for name in ("until", "until_source", "until_locator")}
        for one in found
    }


def _key(tenure: TenureRow | Tenure) -> Key:
    return tuple(getattr(tenure, name) for name in _KEYS)


TENURES = _keeping_ends(
    collection(
        "tenures",
        TenureRow,
        Table(
            Tenure,
            _KEYS,
            {
                "office": Office.code,
                "holder": Holder.code,
                "until_source": Source.code,
                "source": Source.code,
            },
            telling.tell_tenures,
            check_tenures,
        ),
    )
)
