"""What the database is asked for a Popolo document."""

from collections.abc import Sequence, Sized
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.filter_values import check_filters
from komuna_registry.institutions.models import (
    Institution,
    InstitutionName,
    InstitutionParent,
    Membership,
)
from komuna_registry.municipalities.models import Municipality, Region
from komuna_registry.offices.models import Holder, Office, Tenure
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_registry.tables import Sourced, Statement
from komuna_shared.database import Record

from .rules import MOST_MEMBERSHIPS, TooManyMembershipsError


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose posts and memberships a document holds; with `as_of` those of a day."""

    as_of: date | None = None
    institution: Sequence[str] = ()
    municipality: Sequence[str] = ()

    @property
    def is_part(self) -> bool:
        """Say whether posts and memberships of some are asked for, not of all."""
        return bool(self.institution or self.municipality)


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything that a document is made of, as stored rows."""

    institutions: Sequence[Record]
    names: Sequence[Record]
    parents: Sequence[Record]
    regions: Sequence[Record]
    offices: Sequence[Record]
    tenures: Sequence[Record]
    memberships: Sequence[Record]
    holders: Sequence[Record]


async def load(connection: AsyncConnection, wanted: Wanted) -> Stored:
    """Return what is asked for, or raise `TooManyMembershipsError`."""
    offices = select(Office.__table__).where(_is_real(Office)).order_by(Office.code)
    tenures = select(Tenure.__table__).join(Office).order_by(Tenure.office, Tenure.id)
    tenures = tenures.where(_is_real(Tenure), _is_real(Office))
    members = select(Membership.__table__).order_by(Membership.body, Membership.id)
    members = members.where(_is_real(Membership))
    if wanted.is_part:
        offices, tenures = offices.where(_owned(wanted)), tenures.where(_owned(wanted))
        members = members.where(_belongs(wanted))
    if wanted.as_of is not None:
        tenures = tenures.where(Tenure.possible.contains(wanted.as_of))
        members = members.where(Membership.possible.contains(wanted.as_of))
    held = await _rows(connection, tenures.limit(MOST_MEMBERSHIPS + 1))
    belonging = await _rows(connection, members.limit(MOST_MEMBERSHIPS + 1))
    if len(held) + len(belonging) > MOST_MEMBERSHIPS:
        raise TooManyMembershipsError
    await _check_wanted(connection, [*held, *belonging], wanted)
    people = {one.holder for one in (*held, *belonging) if one.holder is not None}
    persons = select(Holder.__table__).where(Holder.code.in_(people)).order_by(Holder.code)
    names, parents = InstitutionName.__table__, InstitutionParent.__table__
    return Stored(
        institutions=await _rows(
            connection, select(Institution.__table__).order_by(Institution.code)
        ),
        names=await _rows(
            connection,
            select(names).order_by(names.c.institution, names.c.language, names.c.text),
        ),
        parents=await _rows(
            connection, select(parents).order_by(parents.c.institution, parents.c.parent)
        ),
        regions=await _rows(connection, select(Region.__table__).order_by(Region.code)),
        offices=await _rows(connection, offices),
        tenures=held,
        memberships=belonging,
        holders=await _rows(connection, persons),
    )


async def _check_wanted(connection: AsyncConnection, found: Sized, wanted: Wanted) -> None:
    await check_filters(
        connection,
        found,
        institution=(Institution.code, wanted.institution),
        municipality=(Municipality.slug, wanted.municipality),
    )


def _is_real(model: type[Sourced]) -> ColumnElement[bool]:
    """Tell of a statement whether it rests on something that was not made up."""
    made_up = select(Source.code).where(Source.standing == Standing.SYNTHETIC)
    return model.source.not_in(made_up)


def _owned(wanted: Wanted) -> ColumnElement[bool]:
    return or_(
        Office.institution.in_(wanted.institution), Office.municipality.in_(wanted.municipality)
    )


def _belongs(wanted: Wanted) -> ColumnElement[bool]:
    return or_(
        Membership.body.in_(wanted.institution),
        Membership.institution.in_(wanted.institution),
        Membership.municipality.in_(wanted.municipality),
    )


async def _rows(connection: AsyncConnection, statement: Statement) -> Sequence[Record]:
    return (await connection.execute(statement)).all()
