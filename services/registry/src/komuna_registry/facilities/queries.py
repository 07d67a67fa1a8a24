"""What the database is asked about buildings and their surveys."""

from collections import defaultdict
from collections.abc import Sequence, Sized
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.filter_values import check_filters
from komuna_registry.institutions.models import Institution
from komuna_registry.municipalities.models import Municipality
from komuna_registry.tables import Statement
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import AccessibilityCriterion, Facility, FacilityFinding, FacilitySurvey
from .rules import FacilityKind, FacilityNotFoundError, SurveyNotFoundError

Reading = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which buildings a list is about."""

    kind: Sequence[FacilityKind] = ()
    municipality: Sequence[str] = ()
    commission: Sequence[str] = ()
    is_surveyed: bool | None = None
    is_synthetic: bool = False


@dataclass(frozen=True, slots=True)
class SurveyFound:
    """A survey, with what it found."""

    row: Record
    findings: Sequence[Record]


@dataclass(frozen=True, slots=True)
class FacilityFound:
    """A building with its surveys, newest first."""

    row: Record
    surveys: Sequence[SurveyFound]


async def list_facilities(
    connection: AsyncConnection, page: PageRequest, wanted: Wanted
) -> Found[FacilityFound]:
    """Return one page of buildings, by code; those made up are a list of their own."""
    table = Facility.__table__
    rows: Statement = select(table).where(table.c.is_synthetic.is_(wanted.is_synthetic))
    if wanted.kind:
        rows = rows.where(table.c.kind.in_(wanted.kind))
    if wanted.municipality:
        rows = rows.where(table.c.municipality.in_(wanted.municipality))
    surveyed = exists().where(FacilitySurvey.facility == table.c.code)
    if wanted.commission:
        rows = rows.where(surveyed.where(FacilitySurvey.commission.in_(wanted.commission)))
    if wanted.is_surveyed is not None:
        rows = rows.where(surveyed if wanted.is_surveyed else ~surveyed)
    found = await keyset(connection, rows, page, keys=(Key("code", table.c.code),))
    await check_wanted(connection, found.items, wanted)
    return Found(await _with_surveys(connection, found.items), found.page)


async def check_wanted(connection: AsyncConnection, found: Sized, wanted: Wanted) -> None:
    """Raise if nothing was found and a filter names what is not in the register."""
    await check_filters(
        connection,
        found,
        municipality=(Municipality.slug, wanted.municipality),
        commission=(Institution.code, wanted.commission),
    )


async def get_facility(connection: Reading, code: str) -> FacilityFound:
    """Return one building, or raise."""
    found = await load_facilities(connection, [code])
    if not found:
        raise FacilityNotFoundError
    return found[0]


async def load_facilities(connection: Reading, codes: Sequence[str]) -> list[FacilityFound]:
    """Return the buildings of these codes with their surveys, by code."""
    table = Facility.__table__
    rows = await connection.execute(
        select(table).where(table.c.code.in_(codes)).order_by(table.c.code)
    )
    return await _with_surveys(connection, rows.all())


async def get_survey(connection: Reading, survey_id: UUID) -> SurveyFound:
    """Return a survey with what it found, or raise."""
    rows = await connection.execute(
        select(FacilitySurvey.facility).where(FacilitySurvey.id == survey_id)
    )
    code = rows.scalar_one_or_none()
    if code is None:
        raise SurveyNotFoundError
    found = await get_facility(connection, code)
    [survey] = [one for one in found.surveys if one.row.id == survey_id]
    return survey


async def list_criteria(
    connection: AsyncConnection, page: PageRequest, *, is_synthetic: bool
) -> Found[Record]:
    """Return one page of criteria, by code."""
    table = AccessibilityCriterion.__table__
    rows = select(table).where(table.c.is_synthetic.is_(is_synthetic))
    return await keyset(connection, rows, page, keys=(Key("code", table.c.code),))


async def _with_surveys(connection: Reading, rows: Sequence[Record]) -> list[FacilityFound]:
    codes = [row.code for row in rows]
    findings: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for one in await _of(connection, FacilityFinding, codes):
        findings[one.facility, one.surveyed_on].append(one)
    surveys: defaultdict[str, list[SurveyFound]] = defaultdict(list)
    made = await _of(connection, FacilitySurvey, codes)
    for one in sorted(made, key=lambda one: (one.last_day, one.id), reverse=True):
        found = findings[one.facility, one.surveyed_on]
        surveys[one.facility].append(SurveyFound(one, found))
    return [FacilityFound(row, surveys[row.code]) for row in rows]


async def _of(connection: Reading, model: Any, codes: Sequence[str]) -> Sequence[Record]:
    table = model.__table__
    rows = await connection.execute(
        select(table).where(table.c.facility.in_(codes)).order_by(table.c.id)
    )
    return rows.all()
