"""Where a page begins: the condition of all rows behind one row, whatever its values are."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, literal, or_, tuple_


class Mark(NamedTuple):
    """One column of an order."""

    column: ColumnElement[Any]
    is_nullable: bool
    is_descending: bool


def place(number: int) -> str:
    """Return the name of the parameter that holds one value of the row before."""
    return f"page_after_{number}"


def after(marks: Sequence[Mark], known: Sequence[bool]) -> ColumnElement[bool]:
    """Return the condition of the rows behind a place; `known` says which values are not null."""
    bounds = [bindparam(place(i), type_=mark.column.type) for i, mark in enumerate(marks)]
    if len({mark.is_descending for mark in marks}) == 1 and not any(m.is_nullable for m in marks):
        # A row comparison is one range of one index.
        left, right = tuple_(*(mark.column for mark in marks)), tuple_(*bounds)
        return left < right if marks[0].is_descending else left > right
    choices: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for mark, bound, is_known in zip(marks, bounds, known, strict=True):
        choices.append(and_(*equal, _beyond(mark, bound if is_known else None)))
        equal.append(mark.column == bound if is_known else mark.column.is_(None))
    return or_(*choices)


def _beyond(mark: Mark, bound: ColumnElement[Any] | None) -> ColumnElement[bool]:
    # Postgres puts NULL last in ascending and first in descending order.
    if bound is None:
        return mark.column.is_not(None) if mark.is_descending else literal(value=False)
    if mark.is_descending:
        return mark.column < bound
    more = mark.column > bound
    return or_(more, mark.column.is_(None)) if mark.is_nullable else more
