"""What the database is asked about forms. All of them are public."""

from typing import Any

from sqlalchemy import Row, Select, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_indicators.catalogue.snapshot import Catalogue
from komuna_shared.errors import NotFoundError
from komuna_shared.paging import Found, Key, PageRequest, keyset

from . import rules
from .definition import make_form
from .models import Form

_FORM = Form.__table__
_CURRENT = text("valid_to = 'infinity'")


async def list_forms(connection: AsyncConnection, page: PageRequest) -> Found[Row[Any]]:
    """Return the forms in their current versions, in the order of their codes."""
    return await keyset(
        connection, _current(), page, keys=[Key("code", _FORM.c.code)], default="code"
    )


async def find_form(
    connection: AsyncConnection | AsyncSession,
    catalogue: Catalogue,
    code: str,
    version: str | None = None,
) -> rules.Form:
    """Return a form in one version, the current one without, or raise."""
    wanted = _current() if version is None else select(_FORM).where(_FORM.c.version == version)
    row = (await connection.execute(wanted.where(_FORM.c.code == code))).one_or_none()
    if row is None:
        raise NotFoundError
    return make_form(row, catalogue)


async def find_periodicities(connection: AsyncConnection | AsyncSession) -> dict[str, str]:
    """Return how often each form is filled in."""
    rows = await connection.execute(select(_FORM.c.code, _FORM.c.periodicity).where(_CURRENT))
    return {row.code: row.periodicity for row in rows}


def _current() -> Select[Any]:
    return select(_FORM).where(_CURRENT)
