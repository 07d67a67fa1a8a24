"""How a changed row is told: what it was and what it became, without what we computed of it."""

from collections.abc import Mapping
from typing import Any

from komuna_registry.kept import UNTOLD
from komuna_registry.tables import Base
from komuna_shared.database import Record

Row = Mapping[str, Any]


def tell_entry(row: Record, *, names_people: bool) -> dict[str, Any]:
    """Return one entry of a record's history; who made it is for whoever may know."""
    gone, made = what_changed(row.before, row.after)
    latest: Row = row.after or row.before
    by = {"name": row.by_name, "role": row.by_role} if names_people and row.by_name else None
    return {
        "id": row.id,
        "changed_at": row.changed_at,
        "op": row.op,
        "part": row.part,
        "key": key_of(row.part, latest),
        "version": row.version,
        "from": gone,
        "to": made,
        "is_synthetic": row.is_synthetic,
        "source": row.source,
        "locator": latest.get("locator"),
        "via": row.via,
        "by": by,
    }


def tell_change(row: Record) -> dict[str, Any]:
    """Return one change of an import, column by column."""
    gone, made = what_changed(row.before, row.after)
    names = sorted({*(gone or {}), *(made or {})})
    return {
        "record_type": row.record_type,
        "record_id": row.record_id,
        "part": row.part,
        "key": key_of(row.part, row.after or row.before),
        "op": row.op,
        # Of a new or a removed row, what it never said is left out.
        "changes": [
            {"field": name, "from": was, "to": became}
            for name in names
            if (was := (gone or {}).get(name)) != (became := (made or {}).get(name))
        ],
    }


def what_changed(
    before: Row | None, after: Row | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the columns that differ, as they were and as they are; None where there is no row."""
    gone, made = _told(before), _told(after)
    if gone is None or made is None:
        return gone, made
    changed = [name for name in made if gone.get(name) != made[name]]
    return {name: gone.get(name) for name in changed}, {name: made[name] for name in changed}


def key_of(part: str, row: Row) -> dict[str, Any]:
    """Return which row of its table this is."""
    table = Base.metadata.tables[part]
    return {column.name: row.get(column.name) for column in table.primary_key}


def _told(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {name: value for name, value in row.items() if name not in UNTOLD}
