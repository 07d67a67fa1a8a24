"""The place in a list where a page ended, as opaque text that keeps the type of every value."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from komuna_shared.signing import CursorInvalidError, open_sealed, seal

# A datetime is a date too, so it comes first.
_KINDS: tuple[tuple[str, type, Callable[[Any], str], Callable[[str], Any]], ...] = (
    ("t", datetime, datetime.isoformat, datetime.fromisoformat),
    ("d", date, date.isoformat, date.fromisoformat),
    ("u", UUID, str, UUID),
    ("n", Decimal, str, Decimal),
)
_READERS = {tag: read for tag, _, _, read in _KINDS}


def seal_values(values: Sequence[Any], key: bytes, order: str) -> str:
    """Return the cursor behind a row with these values in this order."""
    return seal([order, *map(_pack, values)], key)


def open_values(cursor: str, key: bytes, order: str) -> list[Any]:
    """Return the values, or raise `CursorInvalidError` if they are of another list or order."""
    sealed_order, *packed = open_sealed(cursor, key)
    if sealed_order != order:
        raise CursorInvalidError
    return [_unpack(one) for one in packed]


def _pack(value: Any) -> Any:
    for tag, kind, write, _ in _KINDS:
        if isinstance(value, kind):
            return {tag: write(value)}
    return value


def _unpack(packed: Any) -> Any:
    if isinstance(packed, dict):
        [(tag, text)] = packed.items()
        return _READERS[tag](text)
    return packed
