"""What the database is asked about offices; tenures come with their office in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, null, or_, select, union
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.institutions.models import Institution
from komuna_registry.institutions.queries import find_named
from komuna_registry.naming import like
from komuna_registry.periods import Certainty
from komuna_registry.tables import Statement
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Holder, Office, Tenure
from .rules import OfficeNotFoundError


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
    rows = _shown(wanted.held_on)
    for column, values in (
        (Office.kind, wanted.kind),
        (Office.institution, wanted.institution),
        (Office.municipality, wanted.municipality),
    ):
        if values:
            rows = rows.where(column.in_(values))
    if wanted.held_on is not None:
        held = select(Tenure.id).where(*_of_office(wanted.held_on))
        rows = rows.where(held.correlate(Office).exists())
    if wanted.q is not None:
        rows = rows.where(Office.code.in_(_named(wanted.q, wanted.in_municipalities)))
    return await keyset(connection, rows, page, keys=(Key("code", Office.__table__.c.code),))


async def get_office(connection: AsyncConnection, code: str) -> Record:
    """Return one office with all its tenures, or raise."""
    found = (await connection.execute(_shown(None).where(Office.code == code))).one_or_none()
    if found is None:
        raise OfficeNotFoundError
    return found


def _shown(held_on: date | None) -> Statement:
    tenures = (
        select(
            func.coalesce(
                func.jsonb_agg(
                    aggregate_order_by(
                        _tenure(held_on), func.lower(Tenure.possible), Tenure.seat, Tenure.id
                    )
                ),
                literal([], JSONB),
            )
        )
        .join_from(Tenure, Holder, Holder.code == Tenure.holder)
        .where(*_of_office(held_on))
        .correlate(Office)
        .scalar_subquery()
    )
    return select(
        *Office.__table__.c,
        Institution.names.label("institution_names"),
        tenures.label("tenures"),
    ).outerjoin_from(Office, Institution, Institution.code == Office.institution)


def _of_office(held_on: date | None) -> list[ColumnElement[bool]]:
    about = [Tenure.office == Office.code]
    return about if held_on is None else [*about, Tenure.possible.contains(held_on)]


def _tenure(held_on: date | None) -> ColumnElement[Any]:
    certainty: ColumnElement[Any] = null()
    if held_on is not None:
        certainty = case(
            (Tenure.certain.contains(held_on), Certainty.CERTAIN.value),
            else_=Certainty.POSSIBLE.value,
        )
    holder = [Holder.code, Holder.name, Holder.sex, Holder.sex_source, Holder.sex_locator]
    kept = [Tenure.id, Tenure.seat, Tenure.since, Tenure.until, Tenure.attested_on]
    return _object(
        *kept,
        Tenure.is_acting,
        Tenure.source,
        Tenure.locator,
        holder=_object(*holder, Holder.community),
        certainty=certainty,
    )


def _object(*columns: Any, **more: ColumnElement[Any]) -> ColumnElement[Any]:
    named = {column.key: column for column in columns} | more
    return func.jsonb_build_object(
        *(part for name, column in named.items() for part in (literal(name), column))
    )


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
