"""What the database is asked about services. Every statement about them starts at `_visible_to`."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.filter_values import check_filters
from komuna_registry.institutions.models import Institution
from komuna_registry.municipalities.models import Municipality, MunicipalityRegion, Region
from komuna_registry.tables import Statement
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Service, ServiceArea, ServiceEligibility, ServiceLanguage, ServiceLicense
from .rules import Audience, ServiceNotFoundError, ServiceType


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which services a list is about; `licensed_on` asks for a licence that holds on that day."""

    as_of: date
    type: Sequence[ServiceType] = ()
    area: Sequence[str] = ()
    language: Sequence[str] = ()
    institution: Sequence[str] = ()
    licensed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One service with everything that is said about it, as stored rows."""

    row: Record
    licences: Sequence[Record]
    areas: Sequence[Record]
    languages: Sequence[Record]
    eligibility: Sequence[Record]


def _visible_to(audiences: Collection[Audience]) -> Statement:
    """Select what these audiences may know of; anything else does not exist for them."""
    return select(Service.__table__).where(Service.audience.in_(sorted(audiences)))


async def list_services(
    connection: AsyncConnection,
    page: PageRequest,
    wanted: Wanted,
    audiences: Collection[Audience],
) -> Found[Said]:
    """Return one page of the services of a day, by code."""
    keys = (Key("code", Service.__table__.c.code),)
    found = await keyset(connection, select_services(wanted, audiences), page, keys=keys)
    await check_filters(
        connection,
        found.items,
        area=((Municipality.slug, Region.code), wanted.area),
        institution=(Institution.code, wanted.institution),
    )
    return Found(await load_said(connection, found.items), found.page)


def select_services(wanted: Wanted, audiences: Collection[Audience]) -> Statement:
    """Select the services of a day that fit and that these audiences may know of."""
    rows = _visible_to(audiences).where(Service.possible.contains(wanted.as_of))
    for condition in _conditions(wanted):
        rows = rows.where(condition)
    return rows


async def get_service(
    connection: AsyncConnection, code: str, audiences: Collection[Audience]
) -> Record:
    """Return the row of one service, or raise where this caller may not know of it."""
    rows = await connection.execute(_visible_to(audiences).where(Service.code == code))
    row = rows.one_or_none()
    if row is None:
        raise ServiceNotFoundError
    return row


def visible_codes(audiences: Collection[Audience]) -> Statement:
    """Select the codes of the services that these audiences may know of, at any time."""
    return _visible_to(audiences).with_only_columns(Service.code)


async def load_said(
    connection: AsyncConnection | AsyncSession, rows: Sequence[Record]
) -> list[Said]:
    """Return services, in their order, with everything that is said about them."""
    codes = [row.code for row in rows]
    licences = await said_of(connection, ServiceLicense, codes, "valid_from")
    areas = await said_of(connection, ServiceArea, codes, "region", "municipality")
    languages = await said_of(connection, ServiceLanguage, codes, "language")
    eligibility = await said_of(connection, ServiceEligibility, codes, "code")
    return [
        Said(row, licences[code], areas[code], languages[code], eligibility[code])
        for row in rows
        for code in (row.code,)
    ]


async def said_of(
    connection: AsyncConnection | AsyncSession, model: Any, codes: Sequence[str], *order: str
) -> defaultdict[str, list[Record]]:
    """Return the rows of a table about services, by service and in their order."""
    table = model.__table__
    ordered = [table.c[name].asc().nulls_first() for name in order]
    statement = select(table).where(table.c.service.in_(codes)).order_by(*ordered)
    said: defaultdict[str, list[Record]] = defaultdict(list)
    for row in await connection.execute(statement):
        said[row.service].append(row)
    return said


def find_licence(licences: Sequence[Record], day: date) -> Record | None:
    """Return the licence that holds on a day, else the latest one that began before it."""
    begun = [one for one in licences if one.valid_from <= day]
    return begun[-1] if begun else None


def is_valid(licence: Record, day: date) -> bool:
    """Tell whether a licence holds on a day."""
    begun: bool = licence.valid_from <= day
    return begun and (licence.valid_until is None or day < licence.valid_until)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.type:
        conditions.append(Service.type.in_(wanted.type))
    if wanted.institution:
        conditions.append(Service.institution.in_(wanted.institution))
    if wanted.language:
        spoken = ServiceLanguage.language.in_(wanted.language)
        conditions.append(_has(ServiceLanguage, spoken))
    if wanted.area:
        conditions.append(_has(ServiceArea, _reaches(wanted.area)))
    if wanted.licensed_on is not None:
        conditions.append(_has(ServiceLicense, _holds_on(wanted.licensed_on)))
    return conditions


def _has(model: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(model.service == Service.code, condition)


def _reaches(areas: Sequence[str]) -> ColumnElement[bool]:
    """Hold for areas that take people from there: itself, the region around it, or the whole."""
    around = select(MunicipalityRegion.region).where(MunicipalityRegion.municipality.in_(areas))
    return or_(
        ServiceArea.municipality.in_(areas),
        ServiceArea.region.in_(areas),
        ServiceArea.region.in_(around),
        and_(ServiceArea.region.is_(None), ServiceArea.municipality.is_(None)),
    )


def _holds_on(day: date) -> ColumnElement[bool]:
    return and_(
        ServiceLicense.valid_from <= day,
        or_(ServiceLicense.valid_until.is_(None), ServiceLicense.valid_until > day),
    )
