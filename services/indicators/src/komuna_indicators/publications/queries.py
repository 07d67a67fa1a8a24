"""What the database is asked to publish reports: which wait, what they say, what stands already."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators.forms.rules import Entry
from komuna_indicators.observations.queries import FIGURES
from komuna_indicators.observations.rules import Origin, Reason, Status
from komuna_indicators.periods import Period
from komuna_indicators.releases.models import Release
from komuna_indicators.submissions.queries import SUBMISSION, find_cells
from komuna_indicators.submissions.rules import State

from .rules import Place, Told


async def take_turn(session: AsyncSession, obligation: str, period: Period) -> None:
    """Wait until nobody else releases the same reports; the turn ends with the transaction."""
    name = f"release {obligation} {period.start}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


async def find_waiting(session: AsyncSession, obligation: str, period: Period) -> Sequence[UUID]:
    """Return the versions that are verified and not released."""
    waiting = select(SUBMISSION.c.id).where(
        *_of(obligation, period), SUBMISSION.c.state == State.VERIFIED
    )
    return (await session.scalars(waiting.order_by(SUBMISSION.c.municipality))).all()


async def find_told(session: AsyncSession, obligation: str, period: Period) -> Mapping[str, Told]:
    """Return what each municipality's report says that is public or is about to be."""
    versions = (
        select(SUBMISSION.c.id, SUBMISSION.c.municipality)
        .where(*_of(obligation, period), SUBMISSION.c.state.in_([State.PUBLISHED, State.VERIFIED]))
        .order_by(SUBMISSION.c.version_no)
    )
    # Of a published version and its verified correction, the correction counts.
    newest = {row.municipality: row.id for row in await session.execute(versions)}
    cells = await find_cells(session, newest.values())
    return {
        slug: Told(one, {cell: _entry(row) for cell, row in cells.get(one, {}).items()})
        for slug, one in newest.items()
    }


async def count_releases(session: AsyncSession, obligation: str, period: Period) -> int:
    """Return how often reports of this obligation and period were released."""
    counted = select(func.count()).where(
        Release.obligation == obligation, Release.period_from == period.start
    )
    return (await session.execute(counted)).scalar_one()


async def find_standing(
    session: AsyncSession, source: str, period: Period, origin: Origin, indicators: Iterable[str]
) -> Mapping[Place, Row[Any]]:
    """Return the current figures that earlier releases made of these reports."""
    forever: ColumnElement[Any] = literal_column("'infinity'")
    standing = select(FIGURES).where(
        # The indicators lead into the index of what is current.
        FIGURES.c.indicator.in_(sorted(set(indicators))),
        FIGURES.c.source == source,
        FIGURES.c.origin == origin,
        FIGURES.c.period_from == period.start,
        FIGURES.c.period_to == period.end,
        FIGURES.c.valid_to == forever,
    )
    rows = await session.execute(standing)
    return {(row.indicator, row.municipality, row.breakdown): row for row in rows}


def _of(obligation: str, period: Period) -> tuple[ColumnElement[bool], ...]:
    return (SUBMISSION.c.obligation == obligation, SUBMISSION.c.period_from == period.start)


def _entry(row: Row[Any]) -> Entry:
    reason = None if row.reason is None else Reason(row.reason)
    return Entry(row.cell, row.value, Status(row.status), reason, row.comment)
