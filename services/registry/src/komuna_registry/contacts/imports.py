"""The file that contacts come in: officers send those of their own municipality."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.rules import Role
from komuna_registry.intake import WRITERS
from komuna_registry.keeping import OFFICERS, load_sender
from komuna_registry.news import find_old
from komuna_shared.imports import Collection, Counts, Row, RowProblem, RowsRefusedError

from .ground import Ground, load_ground
from .models import Contact
from .rows import ContactRow
from .settling import Settled, settle
from .storing import store

Rows = Sequence[Row[ContactRow]]


async def _check(session: AsyncSession, rows: Rows) -> list[RowProblem]:
    return (await _settle(session, rows, session.info["import_id"]))[2]


async def _apply(session: AsyncSession, rows: Rows, import_id: UUID) -> Counts:
    ground, settled, problems = await _settle(session, rows, import_id)
    if problems:  # Something changed since the file was checked.
        raise RowsRefusedError(problems)
    news = await _find_news(session, settled, import_id)
    counts = await store(session, ground, news)
    return counts.plus(Counts(unchanged=len(settled) - len(news)))


async def _find_news(
    session: AsyncSession, settled: Sequence[Settled], import_id: UUID
) -> list[Settled]:
    """Leave out what its sender said before and somebody changed since."""
    known = [one for one in settled if one.stored is not None]
    said = [
        # The list that a row rests on where it names no document is of the day it was sent.
        {name: value for name, value in one.columns.items() if not _is_own_list(one, name)}
        for one in known
    ]
    old = {
        known[place].number
        for place in await find_old(session, import_id, Contact, said, keys=("id",))
    }
    return [one for one in settled if one.number not in old]


def _is_own_list(one: Settled, name: str) -> bool:
    return one.needs_source and name in {"source", "locator"}


async def _settle(
    session: AsyncSession, rows: Rows, import_id: UUID
) -> tuple[Ground, list[Settled], list[RowProblem]]:
    sender = await load_sender(session, import_id)
    ground = await load_ground(session, sender, [row.value for row in rows])
    return ground, *settle(ground, rows)


COLLECTIONS: tuple[Collection[Any], ...] = (
    Collection(
        name="contacts",
        row_model=ContactRow,
        check=_check,
        apply=_apply,
        roles=WRITERS | OFFICERS | {Role.INSTITUTION_ADMIN.value},
    ),
)
