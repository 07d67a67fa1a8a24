"""One line for every municipality of the day, whether or not a source says anything about it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Date,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    union,
)

from komuna_indicators.municipalities.models import Municipality
from komuna_indicators.municipalities.queries import existed_on
from komuna_indicators.municipalities.rules import COUNTRY

from .rules import Origin, Reason, Status

_CELL = ("dataflow", "indicator", "period_from", "period_to", "breakdown", "unit")
_SAME = ("indicator", "municipality", "period_from", "period_to", "breakdown")


def framed(stated: FromClause, municipalities: Sequence[str]) -> Subquery:
    """Return what is stated, completed: a cell that some source states is asked of each place.

    A place for which it is not stated is missing (`L`, `not_in_source`), never zero.
    """
    cells = _cells(stated)
    asked = _asked(cells, stated, municipalities)
    found = stated.c
    same = and_(*(found[name] == asked.c[name] for name in _SAME))
    is_missing = found.id.is_(None)
    told: dict[str, Any] = {
        "status": case(
            (is_missing, literal(Status.NOT_COLLECTED, found.status.type)), else_=found.status
        ),
        "reason": case(
            (is_missing, literal(Reason.NOT_IN_SOURCE, found.reason.type)), else_=found.reason
        ),
        "origin": case(
            (is_missing, literal(Origin.PUBLISHED, found.origin.type)), else_=found.origin
        ),
        "source": func.coalesce(found.source, asked.c.document),
        "document": asked.c.document,
        "decimals": asked.c.decimals,
        **{name: asked.c[name] for name in (*_CELL, "municipality")},
    }
    columns = [told.get(column.name, column).label(column.name) for column in found]
    return select(*columns).join_from(asked, stated, same, isouter=True).subquery("framed")


def _cells(stated: FromClause) -> Subquery:
    columns = [stated.c[name] for name in _CELL]
    document = func.min(stated.c.document).label("document")
    decimals = func.min(stated.c.decimals).label("decimals")
    return select(*columns, document, decimals).group_by(*columns).subquery("cells")


def _asked(cells: Subquery, stated: FromClause, municipalities: Sequence[str]) -> Subquery:
    last_day = case(
        (cells.c.period_to == literal_column("'infinity'"), func.current_date()),
        else_=cast(cells.c.period_to - literal_column("1"), Date),
    )
    existing = select(*cells.c, Municipality.slug.label("municipality")).join_from(
        cells, Municipality, existed_on(last_day)
    )
    # A figure of a place we have no copy of is still a figure.
    known = select(*cells.c, stated.c.municipality).join_from(
        cells, stated, and_(*(stated.c[name] == cells.c[name] for name in _SAME if name in cells.c))
    )
    asked = union(_only(existing, municipalities), _only(known, municipalities))
    return asked.subquery("asked")


def _only(places: Select[Any], municipalities: Sequence[str]) -> Select[Any]:
    column = places.selected_columns["municipality"]
    if municipalities:
        return places.where(column.in_(municipalities))
    return places.where(column != COUNTRY)
