"""What the database is asked about offices and those who hold them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import aliased

from komuna_registry.filter_values import check_filters
from komuna_registry.institutions.models import Institution
from komuna_registry.institutions.queries import find_named
from komuna_registry.municipalities.models import Municipality
from komuna_registry.naming import like
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_registry.tables import Statement
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Holder, Office, OfficeKind, Tenure
from .rules import OfficeNotFoundError, TenureNotFoundError

_OF_HOLDER = aliased(Source)
_OFFICES: Statement = (
    select(
        *Office.__table__.c,
        Institution.names.label("institution_names"),
        (Source.standing == Standing.SYNTHETIC).label("is_synthetic"),
    )
    .join_from(Office, Source, Source.code == Office.source)
    .outerjoin(Institution, Institution.code == Office.institution)
)
_TENURES: Statement = (
    select(
        *Tenure.__table__.c,
        Holder.name,
        Holder.sex,
        Holder.sex_source,
        Holder.sex_locator,
        Holder.community,
        (_OF_HOLDER.standing == Standing.SYNTHETIC).label("is_made_up_holder"),
        (Source.standing == Standing.SYNTHETIC).label("is_synthetic"),
    )
    .join_from(Tenure, Holder, Holder.code == Tenure.holder)
    .join(_OF_HOLDER, _OF_HOLDER.code == Holder.source)
    .join(Source, Source.code == Tenure.source)
    .order_by(func.lower(Tenure.possible), Tenure.seat, Tenure.id)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which offices a list is about; `in_municipalities` are those that `q` names."""

    held_on: date | None = None
    q: str | None = None
    kind: Sequence[str] = ()
    institution: Sequence[str] = ()
    municipality: Sequence[str] = ()
    in_municipalities: Sequence[str] = ()


async def list_offices(
    connection: AsyncConnection, page: PageRequest, wanted: Wanted
) -> Found[Record]:
    """Return one page of offices, by code; with `held_on` those that somebody may have held."""
    rows = _OFFICES
    for column, values in (
        (Office.kind, wanted.kind),
        (Office.institution, wanted.institution),
        (Office.municipality, wanted.municipality),
    ):
        if values:
            rows = rows.where(column.in_(values))
    if wanted.held_on is not None:
        held = select(Tenure.id).where(
            Tenure.office == Office.code, Tenure.possible.contains(wanted.held_on)
        )
        rows = rows.where(held.correlate(Office).exists())
    if wanted.q is not None:
        rows = rows.where(Office.code.in_(_named(wanted.q, wanted.in_municipalities)))
    found = await keyset(connection, rows, page, keys=(Key("code", Office.__table__.c.code),))
    await check_filters(
        connection,
        found.items,
        kind=(OfficeKind.code, wanted.kind),
        institution=(Institution.code, wanted.institution),
        municipality=(Municipality.slug, wanted.municipality),
    )
    return found


async def list_kinds(connection: AsyncConnection, page: PageRequest) -> Found[Record]:
    """Return one page of the kinds of offices, by code."""
    table = OfficeKind.__table__
    return await keyset(connection, select(table), page, keys=(Key("code", table.c.code),))


async def get_office(
    connection: AsyncConnection | AsyncSession, code: str, *, is_changing: bool = False
) -> Record:
    """Return one office, or raise; `is_changing` holds it until the transaction ends."""
    wanted = _OFFICES.where(Office.code == code)
    if is_changing:
        # Tenures may refer to it meanwhile; nobody else changes it, or who holds it.
        wanted = wanted.with_for_update(of=Office, key_share=True)
    found = (await connection.execute(wanted)).one_or_none()
    if found is None:
        raise OfficeNotFoundError
    return found


async def get_tenure(
    connection: AsyncConnection | AsyncSession, tenure_id: UUID, *, is_changing: bool = False
) -> Record:
    """Return one tenure, or raise; `is_changing` holds it until the transaction ends."""
    wanted = _TENURES.where(Tenure.id == tenure_id)
    if is_changing:
        wanted = wanted.with_for_update(of=Tenure)
    found = (await connection.execute(wanted)).one_or_none()
    if found is None:
        raise TenureNotFoundError
    return found


async def list_tenures(
    connection: AsyncConnection | AsyncSession, offices: Sequence[str]
) -> defaultdict[str, list[Record]]:
    """Return the tenures of each of these offices, earliest first."""
    tenures = _TENURES.where(Tenure.office.in_(offices))
    by_office: defaultdict[str, list[Record]] = defaultdict(list)
    for row in await connection.execute(tenures):
        by_office[row.office].append(row)
    return by_office


def _named(q: str, municipalities: Sequence[str]) -> Any:
    words = like(q)
    return union(
        select(Office.code).where(
            or_(Office.words.like(words), Office.municipality.in_(municipalities))
        ),
        select(Office.code).where(Office.institution.in_(find_named(q))),
        select(Tenure.office)
        .join_from(Tenure, Holder, Holder.code == Tenure.holder)
        .where(Holder.words.like(words)),
    )
