"""What the database is asked about bodies and their members."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from komuna_registry.filter_values import check_filters
from komuna_registry.institutions.models import Institution, Membership
from komuna_registry.municipalities.models import Municipality
from komuna_registry.offices.models import Holder
from komuna_registry.periods import Certainty
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_registry.tables import Statement
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

_BODY = aliased(Institution)
_MEMBER = aliased(Institution)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which memberships a list is about."""

    as_of: date | None = None
    body: Sequence[str] = ()
    institution: Sequence[str] = ()
    municipality: Sequence[str] = ()
    holder: Sequence[str] = ()


async def list_memberships(
    connection: AsyncConnection, page: PageRequest, wanted: Wanted
) -> Found[Record]:
    """Return one page of memberships, by body and id; with `as_of` those of a day."""
    table = Membership.__table__
    rows: Statement = (
        select(
            *table.c,
            _BODY.names.label("body_names"),
            _MEMBER.names.label("institution_names"),
            Holder.name.label("holder_name"),
            (Source.standing == Standing.SYNTHETIC).label("is_synthetic"),
            _certainty(wanted.as_of).label("certainty"),
        )
        .join_from(Membership, _BODY, _BODY.code == Membership.body)
        .join(Source, Source.code == Membership.source)
        .outerjoin(_MEMBER, _MEMBER.code == Membership.institution)
        .outerjoin(Holder, Holder.code == Membership.holder)
    )
    for column, values in (
        (Membership.body, wanted.body),
        (Membership.institution, wanted.institution),
        (Membership.municipality, wanted.municipality),
        (Membership.holder, wanted.holder),
    ):
        if values:
            rows = rows.where(column.in_(values))
    if wanted.as_of is not None:
        rows = rows.where(Membership.possible.contains(wanted.as_of))
    keys = (Key("body", table.c.body), Key("id", table.c.id))
    found = await keyset(connection, rows, page, keys=keys)
    await check_filters(
        connection,
        found.items,
        body=(Institution.code, wanted.body),
        institution=(Institution.code, wanted.institution),
        municipality=(Municipality.slug, wanted.municipality),
    )
    return found


def _certainty(as_of: date | None) -> ColumnElement[Any]:
    if as_of is None:
        return literal(None)
    return case(
        (Membership.certain.contains(as_of), Certainty.CERTAIN.value),
        else_=Certainty.POSSIBLE.value,
    )
