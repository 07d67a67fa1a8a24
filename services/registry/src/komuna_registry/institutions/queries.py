"""What the database is asked about institutions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.naming import normalise
from komuna_registry.periods import Certainty
from komuna_registry.tables import Statement
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Institution, InstitutionName, InstitutionParent, InstitutionSuccession
from .rules import InstitutionKind, InstitutionNotFoundError


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which institutions a list is about."""

    as_of: date
    q: str | None = None
    kind: Sequence[InstitutionKind] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One institution with everything that is said about it, as stored rows."""

    row: Record
    names: Sequence[Record]
    parents: Sequence[Record]
    predecessors: Sequence[Record]
    successors: Sequence[Record]


async def list_institutions(
    connection: AsyncConnection, page: PageRequest, wanted: Wanted
) -> Found[Record]:
    """Return one page of the institutions of a day, by code."""
    certainty = case(
        (Institution.certain.contains(wanted.as_of), Certainty.CERTAIN.value),
        else_=Certainty.POSSIBLE.value,
    )
    rows: Statement = select(Institution.__table__, certainty.label("certainty")).where(
        Institution.possible.contains(wanted.as_of)
    )
    if wanted.kind:
        rows = rows.where(Institution.kind.in_(wanted.kind))
    if wanted.q is not None:
        rows = rows.where(Institution.code.in_(find_named(wanted.q)))
    return await keyset(connection, rows, page, keys=(Key("code", Institution.__table__.c.code),))


def find_named(q: str) -> Select[str]:
    """Select the codes of institutions that are called like this in any of their names."""
    words = f"%{normalise(q)}%"
    named = select(InstitutionName.institution).where(InstitutionName.words.like(words))
    return select(Institution.code).where(
        or_(Institution.words.like(words), Institution.code.in_(named))
    )


async def get_institution(connection: AsyncConnection | AsyncSession, code: str) -> Said:
    """Return one institution, or raise."""
    row = (
        await connection.execute(select(Institution.__table__).where(Institution.code == code))
    ).one_or_none()
    if row is None:
        raise InstitutionNotFoundError
    return Said(
        row,
        names=await _said(connection, InstitutionName, InstitutionName.institution == code),
        parents=await _said(connection, InstitutionParent, InstitutionParent.institution == code),
        predecessors=await _said(
            connection, InstitutionSuccession, InstitutionSuccession.successor == code
        ),
        successors=await _said(
            connection, InstitutionSuccession, InstitutionSuccession.predecessor == code
        ),
    )


async def _said(
    connection: AsyncConnection | AsyncSession, model: Any, about: ColumnElement[bool]
) -> Sequence[Record]:
    table = model.__table__
    statement = select(table).where(about).order_by(*table.primary_key.columns)
    return (await connection.execute(statement)).all()
