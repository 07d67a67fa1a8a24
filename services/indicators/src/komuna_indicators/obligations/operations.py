"""The import of obligations."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators import periods
from komuna_indicators.catalogue.operations import add_versions, version_problems
from komuna_indicators.catalogue.queries import find_versions
from komuna_indicators.forms.queries import find_periodicities
from komuna_shared.imports import Counts, Row, RowProblem

from . import rules
from .models import Obligation
from .schemas import ObligationIn

Rows = Sequence[Row[ObligationIn]]

_UNKNOWN_FORM = "There is no such form."
_WRONG_PERIOD = "The first period is not one of the form's: it is of another length."
_TOO_EARLY = "Invented reports are for periods from 2026 on."
_FIXED = "Whether reports are invented, and their form and first period, never change."


async def check_obligations(session: AsyncSession, rows: Rows) -> list[RowProblem]:
    """Find obligations without a form, for a wrong period, or that would alter a published one."""
    periodicities = await find_periodicities(session)
    stored = await find_versions(session, Obligation, {row.value.code for row in rows})
    kept = {code: row for (code, _), row in stored.items()}
    problems = [
        RowProblem(row.number, column, code, detail)
        for row in rows
        for column, code, detail in _problems(
            row.value, periodicities.get(row.value.form), kept.get(row.value.code)
        )
    ]
    return problems + await version_problems(session, Obligation, rows)


async def add_obligations(session: AsyncSession, rows: Rows, _: UUID) -> Counts:
    """Add versions of obligations."""
    return await add_versions(session, Obligation, rows)


def _problems(
    wanted: ObligationIn, periodicity: str | None, before: Any
) -> Iterator[tuple[str, str, str]]:
    if periodicity is None:
        yield "form", "unknown_form", _UNKNOWN_FORM
        return
    first = periods.parse(wanted.first_period)
    if first.frequency != rules.FREQUENCIES.get(periodicity):
        yield "first_period", "wrong_period", _WRONG_PERIOD
    if wanted.is_synthetic and first.start < rules.FIRST_SYNTHETIC:
        yield "first_period", "synthetic_too_early", _TOO_EARLY
    fixed = ("is_synthetic", "form", "first_period")
    if before is not None and any(getattr(before, n) != getattr(wanted, n) for n in fixed):
        yield "is_synthetic", "obligation_fixed", _FIXED
