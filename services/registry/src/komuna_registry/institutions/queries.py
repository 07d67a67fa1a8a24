"""What the database is asked about institutions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from komuna_registry.filter_values import check_filters
from komuna_registry.municipalities.models import Municipality
from komuna_registry.naming import like, normalise
from komuna_registry.periods import Certainty
from komuna_registry.tables import Statement
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Institution, InstitutionName, InstitutionParent, InstitutionSuccession
from .rules import InstitutionKind, InstitutionNotFoundError, NameForm


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which institutions a list is about."""

    as_of: date
    q: str | None = None
    kind: Sequence[InstitutionKind] = ()
    abbreviation: Sequence[str] = ()
    parent: Sequence[str] = ()
    municipality: Sequence[str] = ()


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
    if wanted.abbreviation:
        rows = rows.where(Institution.code.in_(_abbreviated(wanted.abbreviation, wanted.as_of)))
    if wanted.parent:
        belongs = select(InstitutionParent.institution).where(
            InstitutionParent.parent.in_(wanted.parent),
            InstitutionParent.possible.contains(wanted.as_of),
        )
        rows = rows.where(Institution.code.in_(belongs))
    if wanted.municipality:
        rows = rows.where(Institution.municipality.in_(wanted.municipality))
    found = await keyset(connection, rows, page, keys=(Key("code", Institution.__table__.c.code),))
    await check_filters(
        connection,
        found.items,
        parent=(Institution.code, wanted.parent),
        municipality=(Municipality.slug, wanted.municipality),
    )
    return found


def find_named(q: str) -> Select[str]:
    """Select the codes of institutions that are called like this in any of their names.

    A name is looked for where words begin: MEST is a ministry, and no part of `domestic`.
    """
    named = select(InstitutionName.institution).where(_begins(InstitutionName.words, q))
    return select(Institution.code).where(
        or_(_begins(Institution.words, q), Institution.code.in_(named))
    )


def _abbreviated(named: Sequence[str], on: date) -> Select[str]:
    """Select the codes of every institution that is abbreviated so; there may be several."""
    return select(InstitutionName.institution).where(
        InstitutionName.form == NameForm.ABBREVIATION,
        InstitutionName.words.in_([normalise(one) for one in named]),
        InstitutionName.possible.contains(on),
    )


def _begins(words: InstrumentedAttribute[str], q: str) -> ColumnElement[bool]:
    inside = like(q)
    return or_(words.like(inside.removeprefix("%")), words.like(inside.replace("%", "% ", 1)))


async def get_institution(connection: AsyncConnection | AsyncSession, code: str) -> Said:
    """Return one institution, or raise."""
    found = await load_institutions(connection, [code])
    if not found:
        raise InstitutionNotFoundError
    return found[0]


async def load_institutions(
    connection: AsyncConnection | AsyncSession, codes: Sequence[str]
) -> list[Said]:
    """Return the institutions of these codes with everything that is said about them."""
    rows = await _said(connection, Institution, "code", codes)
    names = await _said(connection, InstitutionName, "institution", codes)
    parents = await _said(connection, InstitutionParent, "institution", codes)
    before = await _said(connection, InstitutionSuccession, "successor", codes)
    after = await _said(connection, InstitutionSuccession, "predecessor", codes)
    return [
        Said(row, names[code], parents[code], before[code], after[code])
        for code, [row] in rows.items()
    ]


async def load_names(
    connection: AsyncConnection, codes: Sequence[str]
) -> defaultdict[str, list[Record]]:
    """Return every dated name of these institutions."""
    return await _said(connection, InstitutionName, "institution", codes)


async def _said(
    connection: AsyncConnection | AsyncSession, model: Any, column: str, codes: Sequence[str]
) -> defaultdict[str, list[Record]]:
    table = model.__table__
    statement = select(table).where(table.c[column].in_(codes)).order_by(*table.primary_key.columns)
    said: defaultdict[str, list[Record]] = defaultdict(list)
    for row in await connection.execute(statement):
        said[getattr(row, column)].append(row)
    return said
