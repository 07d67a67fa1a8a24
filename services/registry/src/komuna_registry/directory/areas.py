"""The file that areas of services come in; a confidential one is never narrowed to a town."""

from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code
from komuna_registry.intake import WRITERS
from komuna_registry.municipalities.models import Municipality, Region
from komuna_registry.rows import SourcedRow
from komuna_registry.upserts import find_missing, upsert
from komuna_shared.imports import Collection, Counts, Row, RowProblem

from .imports import OF_SERVICE, tell
from .models import Service, ServiceArea

_KEYS = ("service", "region", "municipality")
_TOWN = "A confidential service has a region as its area, or the whole, never a municipality."
_tell = tell("service")


class AreaRow(SourcedRow):
    """Where people live whom a service takes; without a place, everywhere."""

    service: Code
    region: Code | None = None
    municipality: Code | None = None

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if self.region is not None and self.municipality is not None:
            raise PydanticCustomError(
                "one_place", "An area is a region or a municipality, not both."
            )
        return self


async def _check(session: AsyncSession, rows: Sequence[Row[AreaRow]]) -> list[RowProblem]:
    references = {**OF_SERVICE, "region": Region.code, "municipality": Municipality.slug}
    confidential = await _find_confidential(session, rows)
    return await find_missing(session, rows, references) + [
        RowProblem(row.number, "municipality", "confidential_place", _TOWN)
        for row in rows
        if row.value.municipality is not None and confidential.get(row.value.service)
    ]


async def _apply(session: AsyncSession, rows: Sequence[Row[AreaRow]], _: UUID) -> Counts:
    confidential = await _find_confidential(session, rows)
    stored: list[dict[str, Any]] = [
        {**row.value.columns(), "is_confidential": confidential[row.value.service]} for row in rows
    ]
    counts, changed = await upsert(session, ServiceArea, stored, keys=_KEYS)
    if changed:
        await _tell(session, changed)
    return counts


async def _find_confidential(
    session: AsyncSession, rows: Sequence[Row[AreaRow]]
) -> dict[str, bool]:
    codes = {row.value.service for row in rows}
    found = await session.execute(
        select(Service.code, Service.is_confidential).where(Service.code.in_(codes))
    )
    return {one.code: one.is_confidential for one in found}


COLLECTIONS: tuple[Collection[Any], ...] = (
    Collection(
        name="service_areas",
        row_model=AreaRow,
        apply=_apply,
        roles=WRITERS,
        key=_KEYS,
        check=_check,
    ),
)
