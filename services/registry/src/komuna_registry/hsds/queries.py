"""What the database is asked for HSDS; every statement begins with what the directory shows."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Text, and_, exists, false, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.clock import today
from komuna_registry.directory.models import Service, ServiceEligibility
from komuna_registry.directory.particulars import ServiceText
from komuna_registry.directory.places import Location, ServiceAtLocation
from komuna_registry.directory.queries import Wanted, select_services
from komuna_registry.directory.rules import Audience, Eligibility, ServiceNotFoundError
from komuna_registry.institutions.models import Institution
from komuna_registry.institutions.rules import InstitutionNotFoundError
from komuna_registry.municipalities.models import Region
from komuna_registry.tables import Statement
from komuna_shared.database import Record

from .filters import Narrowed, PagesIn, PlaceSearchIn, ServiceSearchIn
from .identifiers import identify
from .rules import TAKES, TERMS, TYPES, PlaceNotFoundError, types_below

Audiences = Collection[Audience]
_MARKED, _PLAIN = "ëçšžćčđ", "ecszccd"
_FOLD = str.maketrans(_MARKED, _PLAIN)


async def list_services(
    connection: AsyncConnection, asked: Narrowed, audiences: Audiences, *, limit: int
) -> tuple[int, list[Record]]:
    """Return how many services there are for this caller, and those of one page, by code."""
    rows = await _narrow(connection, asked, audiences)
    offset = asked.offset if limit == asked.per_page else 0
    return await _page(connection, rows, [Service.code], offset, limit)


async def get_service(connection: AsyncConnection, id: UUID, audiences: Audiences) -> Record:  # noqa: A002
    """Return the row of one service of today, or raise where this caller may not know of it."""
    rows = select_services(Wanted(today()), audiences).where(Service.public_id == id)
    found = (await connection.execute(rows)).one_or_none()
    if found is None:
        raise ServiceNotFoundError
    return found


async def list_places(
    connection: AsyncConnection, asked: Narrowed, audiences: Audiences
) -> tuple[int, list[Record]]:
    """Return how many services at places there are for this caller, and those of one page."""
    rows = _select_places(await _narrow(connection, asked, audiences))
    if isinstance(asked, PlaceSearchIn) and asked.postcode is not None:
        rows = rows.where(Location.postal_code == asked.postcode)
    order = [ServiceAtLocation.service, ServiceAtLocation.location]
    return await _page(connection, rows, order, asked.offset, asked.per_page)


async def get_place(connection: AsyncConnection, id: UUID, audiences: Audiences) -> Record:  # noqa: A002
    """Return one service at a place, or raise where this caller may not know of it."""
    visible = select_services(Wanted(today()), audiences)
    found = await connection.execute(_select_places(visible).where(ServiceAtLocation.id == id))
    row = found.one_or_none()
    if row is None:
        raise PlaceNotFoundError
    return row


async def load_services(
    connection: AsyncConnection, codes: Collection[str], audiences: Audiences
) -> list[Record]:
    """Return those of these services that this caller may know of."""
    rows = select_services(Wanted(today()), audiences).where(Service.code.in_(codes))
    return list((await connection.execute(rows.order_by(Service.code))).all())


async def load_services_of(
    connection: AsyncConnection, institutions: Collection[str], audiences: Audiences
) -> list[Record]:
    """Return the services of these institutions that this caller may know of."""
    rows = select_services(Wanted(today(), institution=tuple(institutions)), audiences)
    return list((await connection.execute(rows.order_by(Service.code))).all())


async def list_organizations(
    connection: AsyncConnection, pages: PagesIn, audiences: Audiences
) -> tuple[int, list[Record]]:
    """Return how many institutions offer something this caller may know of, and one page."""
    rows = select(Institution.__table__).where(Institution.code.in_(_offering(audiences)))
    return await _page(connection, rows, [Institution.code], pages.offset, pages.per_page)


async def get_organization(connection: AsyncConnection, id: UUID, audiences: Audiences) -> Record:  # noqa: A002
    """Return one institution that offers something this caller may know of, or raise."""
    code = await _find_institution(connection, id, audiences)
    found = await connection.execute(select(Institution.__table__).where(Institution.code == code))
    return found.one()


async def load_institutions(
    connection: AsyncConnection, codes: Collection[str]
) -> dict[str, Record]:
    """Return institutions by their codes."""
    rows = select(Institution.__table__).where(Institution.code.in_(set(codes)))
    return {row.code: row for row in await connection.execute(rows)}


async def load_region_names(connection: AsyncConnection) -> dict[str, dict[str, str]]:
    """Return the names of all regions by their codes."""
    return {
        row.code: row.names for row in await connection.execute(select(Region.code, Region.names))
    }


async def _narrow(connection: AsyncConnection, asked: Narrowed, audiences: Audiences) -> Statement:
    wanted = Wanted(today())
    if isinstance(asked, ServiceSearchIn | PlaceSearchIn):
        area = () if asked.municipality is None else (asked.municipality,)
        language = () if asked.language is None else (asked.language,)
        wanted = Wanted(today(), area=area, language=language)
    rows = select_services(wanted, audiences)
    for condition in _conditions(asked):
        rows = rows.where(condition)
    if asked.organization_id is not None:
        try:
            code = await _find_institution(connection, asked.organization_id, audiences)
        except InstitutionNotFoundError:
            return rows.where(false())
        rows = rows.where(Service.institution == code)
    return rows


def _conditions(asked: Narrowed) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.modified_after is not None:
        conditions.append(Service.modified_at >= asked.modified_after)
    if asked.taxonomy_term_id is not None:
        conditions.append(_carries(asked.taxonomy_term_id))
    if asked.taxonomy_id is not None:
        conditions.append(_carries_any(asked.taxonomy_id))
    if isinstance(asked, ServiceSearchIn | PlaceSearchIn):
        if asked.search is not None:
            conditions += [_says(word) for word in asked.search.split()]
        if asked.age is not None:
            conditions.append(func.coalesce(Service.minimum_age, 0) <= asked.age)
            conditions.append(func.coalesce(Service.maximum_age, asked.age) >= asked.age)
    return conditions


def _carries(term_id: UUID) -> ColumnElement[bool]:
    term = TERMS.get(term_id)
    if term is None:
        return false()
    if term.taxonomy.code == TAKES:
        return _takes(ServiceEligibility.code == Eligibility(term.code))
    return Service.type.in_(types_below(term))


def _carries_any(taxonomy_id: UUID) -> ColumnElement[bool]:
    if taxonomy_id == identify("taxonomy", TYPES):
        return Service.type.is_not(None)
    if taxonomy_id == identify("taxonomy", TAKES):
        return _takes(ServiceEligibility.code.is_not(None))
    return false()


def _takes(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(and_(ServiceEligibility.service == Service.code, condition))


def _says(word: str) -> ColumnElement[bool]:
    """Hold for services with a word in a name or a sentence, whatever its case and its marks."""
    folded = word.lower().translate(_FOLD)
    names = func.jsonb_each_text(Service.names, type_=JSONB).table_valued("key", "value")
    return or_(
        exists(select(names.c.key).where(_folded(names.c.value).contains(folded, autoescape=True))),
        exists().where(
            ServiceText.service == Service.code,
            _folded(ServiceText.text).contains(folded, autoescape=True),
        ),
    )


def _folded(text: Any) -> ColumnElement[str]:
    return func.translate(func.lower(text), _MARKED, _PLAIN, type_=Text)


def _select_places(services: Statement) -> Statement:
    on = today()
    return (
        select(ServiceAtLocation.__table__)
        .join(Location, Location.code == ServiceAtLocation.location)
        .where(
            ServiceAtLocation.service.in_(services.with_only_columns(Service.code)),
            or_(ServiceAtLocation.valid_from.is_(None), ServiceAtLocation.valid_from <= on),
            or_(ServiceAtLocation.valid_until.is_(None), ServiceAtLocation.valid_until > on),
        )
    )


def _offering(audiences: Audiences) -> Statement:
    visible = select_services(Wanted(today()), audiences)
    return visible.with_only_columns(Service.institution)


async def _find_institution(connection: AsyncConnection, id: UUID, audiences: Audiences) -> str:  # noqa: A002
    # Few institutions offer services: their identifiers are computed, as a client would.
    codes = (await connection.scalars(_offering(audiences).distinct())).all()
    for code in codes:
        if identify("institution", code) == id:
            return str(code)
    raise InstitutionNotFoundError


async def _page(
    connection: AsyncConnection, rows: Statement, order: list[Any], offset: int, limit: int
) -> tuple[int, list[Record]]:
    total = await connection.scalar(select(func.count()).select_from(rows.subquery()))
    found: list[Row[Any]] = list(
        (await connection.execute(rows.order_by(*order).offset(offset).limit(limit))).all()
    )
    return total or 0, found
