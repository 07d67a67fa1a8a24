"""How a release reads outside."""

from typing import Any

from sqlalchemy import Row

from komuna_indicators import periods
from komuna_indicators.periods import Period

from .schemas import CoverageOut, ReleaseOut


def present_release(row: Row[Any]) -> ReleaseOut:
    """Return a release as callers see it."""
    of_reports = row.obligation is not None
    coverage = CoverageOut(count=row.coverage_count, of=row.coverage_of) if of_reports else None
    return ReleaseOut(
        code=row.code,
        tier=row.tier,
        obligation=row.obligation,
        period=periods.code(Period(row.period_from, row.period_to)) if of_reports else None,
        is_synthetic=bool(row.is_synthetic),
        coverage=coverage,
        observation_count=row.observation_count,
        certificate=row.certificate,
        published_at=row.published_at,
    )
