"""What the database is asked about obligations. All of them are public."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, literal, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_indicators import periods
from komuna_indicators.forms.models import Form
from komuna_indicators.municipalities.queries import existing_on
from komuna_shared.errors import NotFoundError
from komuna_shared.paging import Found, Key, PageRequest, keyset

from . import rules
from .models import Obligation

_OBLIGATION = Obligation.__table__
_FORM = Form.__table__


async def list_obligations(connection: AsyncConnection, page: PageRequest) -> Found[Row[Any]]:
    """Return the obligations in their current versions, in the order of their codes."""
    keys = [Key("code", _OBLIGATION.c.code)]
    return await keyset(connection, _current(), page, keys=keys, default="code")


async def find_obligation(
    connection: AsyncConnection | AsyncSession, code: str
) -> rules.Obligation:
    """Return an obligation in its current version, or raise."""
    found = await connection.execute(_current().where(_OBLIGATION.c.code == code))
    row = found.one_or_none()
    if row is None:
        raise NotFoundError
    return make_obligation(row)


async def find_all(connection: AsyncConnection | AsyncSession) -> list[rules.Obligation]:
    """Return every obligation in its current version."""
    rows = await connection.execute(_current().order_by(_OBLIGATION.c.code))
    return [make_obligation(row) for row in rows]


async def find_reporters(connection: AsyncConnection | AsyncSession, day: date) -> list[str]:
    """Return the municipalities that existed on a day, as registry tells, by their slugs."""
    slugs = existing_on(literal(day))
    return sorted((await connection.execute(slugs)).scalars().all())


def make_obligation(row: Row[Any]) -> rules.Obligation:
    """Return the obligation of a row."""
    return rules.Obligation(
        code=row.code,
        version=row.version,
        names=row.names,
        form=row.form,
        frequency=rules.FREQUENCIES[row.periodicity],
        first_period=periods.parse(row.first_period),
        due_days=row.due_days,
        is_synthetic=row.is_synthetic,
        reporters=row.reporters,
    )


def _current() -> Select[Any]:
    forever: ColumnElement[Any] = literal_column("'infinity'")
    return (
        select(_OBLIGATION, _FORM.c.periodicity)
        .join_from(_OBLIGATION, _FORM, _FORM.c.code == _OBLIGATION.c.form)
        .where(_OBLIGATION.c.valid_to == forever, _FORM.c.valid_to == forever)
    )
