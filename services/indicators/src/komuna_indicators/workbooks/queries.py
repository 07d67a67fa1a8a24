"""What the database is asked about workbooks. What a caller sees starts from `_visible_to`."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_indicators.catalogue.snapshot import Catalogue
from komuna_indicators.forms.rules import Form
from komuna_indicators.municipalities.models import Municipality
from komuna_indicators.obligations.queries import find_all
from komuna_indicators.obligations.rules import Obligation
from komuna_indicators.submissions.models import Submission
from komuna_shared.access import Principal
from komuna_shared.errors import NotFoundError

from .models import SubmissionFile
from .rules import FileState, Manifest, Template
from .texts import REASON_LIST, make_template

FILE = SubmissionFile.__table__
Connection = AsyncConnection | AsyncSession


def _visible_to(principal: Principal) -> Select[Any]:
    """Select the files of whoever sent them; to all others they do not exist."""
    return select(FILE).where(
        FILE.c.issuer == principal.issuer, FILE.c.subject == principal.subject
    )


async def get_file(connection: Connection, principal: Principal, file_id: UUID) -> Row[Any]:
    """Return a file of the caller's, or raise."""
    found = await connection.execute(_visible_to(principal).where(FILE.c.id == file_id))
    row: Row[Any] | None = found.one_or_none()
    if row is None:
        raise NotFoundError
    return row


def refused_files(principal: Principal) -> Select[Any]:
    """Select the caller's files that were refused, until their report came in after all."""
    came_in = exists().where(
        Submission.obligation == FILE.c.obligation,
        Submission.municipality == FILE.c.municipality,
        Submission.period_from == FILE.c.period_from,
        Submission.submitted_at > FILE.c.created_at,
    )
    mine = _visible_to(principal).where(FILE.c.state == FileState.REFUSED, ~came_in)
    return mine.with_only_columns(
        FILE.c.id,
        FILE.c.obligation,
        FILE.c.municipality,
        FILE.c.period_from,
        FILE.c.period_to,
        func.jsonb_array_length(FILE.c.problems).label("problem_count"),
        FILE.c.created_at,
    )


async def find_obligations(connection: Connection, form: str) -> list[Obligation]:
    """Return the obligations under which a form is filled in."""
    return [one for one in await find_all(connection) if one.form == form]


async def find_template(
    connection: Connection, catalogue: Catalogue, form: Form, manifest: Manifest
) -> Template:
    """Return the workbook of a form for somebody, or raise where there is no such municipality."""
    names = await _names(connection, manifest.municipality)
    return make_template(form, manifest, catalogue.codes[REASON_LIST], names)


async def _names(connection: Connection, municipality: str) -> Mapping[str, str]:
    names = select(Municipality.names).where(Municipality.slug == municipality)
    found: Mapping[str, str] | None = (await connection.execute(names)).scalar_one_or_none()
    if found is None:
        raise NotFoundError
    return found
