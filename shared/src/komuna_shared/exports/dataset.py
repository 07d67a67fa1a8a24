"""What a feature says about a table that may be taken out."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

# Rows of SQLAlchemy are mappings whose keys are more than text.
Rows = Sequence[Mapping[Any, Any]]


@dataclass(frozen=True)
class Dataset:
    """One table: `read` yields its rows in batches, all from one snapshot.

    `roles` says who may ask for it; None means everybody who may ask for exports at all.
    """

    name: str
    columns: tuple[str, ...]
    read: Callable[[AsyncConnection], AsyncIterator[Rows]]
    roles: frozenset[str] | None = None
