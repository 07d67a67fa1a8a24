"""What a feature says about the rows it takes in."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

Model = TypeVar("Model", bound=BaseModel)
Keep = Callable[[AsyncSession], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Row(Generic[Model]):
    """One valid row, and its number in the file."""

    number: int
    value: Model


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one cell or row; `detail` is a sentence, `params` hold trusted text only.

    Without a `detail`, the sentence that belongs to the code is used.
    """

    row: int
    column: str
    code: str
    detail: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


class Counts(NamedTuple):
    """What an import did."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Return the sum."""
        return Counts(*(mine + more for mine, more in zip(self, other, strict=True)))


async def accept_all(_: AsyncSession, __: Sequence[Row[Any]]) -> list[RowProblem]:
    """Find no problem: the row model and the tables' constraints say it all."""
    return []


@dataclass(frozen=True)
class Collection(Generic[Model]):
    """One kind of table that may be imported.

    `check` and `apply` are called with up to 2,000 rows at a time, in the order of the file.
    `check` reads only; `apply` runs for all batches in one transaction. `key` names the fields that
    no two rows of a file may share; rows whose model has `None` in all of them are not compared.
    `watch` sees what was written before a dry run takes it back; what it returns is called after.
    """

    name: str
    row_model: type[Model]
    apply: Callable[[AsyncSession, Sequence[Row[Model]], UUID], Awaitable[Counts]]
    roles: frozenset[str]
    key: tuple[str, ...] = ()
    check: Callable[[AsyncSession, Sequence[Row[Model]]], Awaitable[list[RowProblem]]] = accept_all
    watch: Callable[[AsyncSession, UUID], Awaitable[Keep]] | None = None
