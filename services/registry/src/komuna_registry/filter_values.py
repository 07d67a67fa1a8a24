"""Whether what a filter names is in the register, asked only where nothing was found."""

from collections.abc import Iterable, Sequence, Sized
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from komuna_shared.errors import BadRequestError, FieldError

Column = InstrumentedAttribute[Any]
Asked = tuple[Column | tuple[Column, ...], Sequence[str]]
"""Where the values of a filter stand that everybody may know, and those that were asked for."""


class UnknownFilterValueError(BadRequestError):
    """A filter names what the register does not have."""

    code = "unknown_filter_value"
    detail = "A filter names what the register does not have."

    def __init__(self, parameters: Iterable[str] = ()) -> None:
        super().__init__(errors=tuple(FieldError(f"/query/{one}", self.code) for one in parameters))


async def check_filters(connection: AsyncConnection, found: Sized, **asked: Asked) -> None:
    """Raise if nothing was found and a filter names what is not in the register at all.

    Only columns whose every value is public belong here: what somebody may not see must not be
    told from what does not exist.
    """
    if found:
        return
    unknown = [
        name
        for name, (columns, values) in asked.items()
        if not await _are_known(connection, columns, set(values))
    ]
    if unknown:
        raise UnknownFilterValueError(unknown)


async def _are_known(
    connection: AsyncConnection, columns: Column | tuple[Column, ...], values: set[str]
) -> bool:
    for column in columns if isinstance(columns, tuple) else (columns,):
        if values:
            known = select(column).where(column.in_(values)).distinct()
            values = values - set((await connection.execute(known)).scalars())
    return not values
