"""How a task reads in one language."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from komuna_indicators import periods
from komuna_indicators.periods import Period
from komuna_shared.languages import label, translate

from .rules import KINDS, LABELS, LINKS
from .schemas import TaskOut

Names = Mapping[str, Mapping[str, str]]


def present_task(row: Row[Any], names: Names, language: str) -> TaskOut:
    """Return a task as its owner sees it."""
    told = {
        "thing": row.thing,
        "municipality": _name(row.municipality, names, language),
        "period": _period(row),
        "due_on": row.due_on,
        "count": row.count,
        "version_no": row.count,
    }
    return TaskOut(
        kind=KINDS[row.kind],
        label=translate(LABELS[row.kind], language, **told),
        link=LINKS[row.kind].format_map(told),
        waiting_since=row.waiting_since,
    )


def _name(slug: str | None, names: Names, language: str) -> str | None:
    return slug if slug is None or slug not in names else label(names[slug], language)[0]


def _period(row: Row[Any]) -> str | None:
    if row.period_from is None:
        return None
    return periods.code(Period(row.period_from, row.period_to))
