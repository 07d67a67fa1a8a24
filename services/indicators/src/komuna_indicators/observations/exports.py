"""All published figures as one table, in the columns that their import reads."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import Row, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_indicators import periods
from komuna_indicators.catalogue.rules import TOTAL, Dimension
from komuna_indicators.periods import Period
from komuna_shared.exports import Dataset
from komuna_shared.exports.dataset import Rows

from . import queries
from .models import ObservationInput
from .presentation import number
from .queries import FIGURES, Wanted
from .rules import IDENTITY, Origin
from .schemas import ObservationIn

_COLUMNS = tuple(ObservationIn.model_fields)
_BATCH = 1_000
_RESTS_ON = FIGURES.alias("rests_on")
_INPUTS = ObservationInput.__table__


async def read_observations(connection: AsyncConnection) -> AsyncIterator[Rows]:
    """Yield every published figure."""
    rested = _INPUTS.c.role.op("||")(":").op("||")(_RESTS_ON.c.fact)
    inputs = (
        select(func.string_agg(rested, aggregate_order_by(literal(" "), _INPUTS.c.position)))
        .join_from(_INPUTS, _RESTS_ON, _RESTS_ON.c.id == _INPUTS.c.input_id)
        .where(_INPUTS.c.observation_id == FIGURES.c.id)
        .scalar_subquery()
    )
    # Invented figures are in no copy that leaves the house.
    real = FIGURES.c.origin != Origin.SYNTHETIC
    figures = queries.published(Wanted()).add_columns(inputs.label("inputs")).where(real)
    ordered = figures.order_by(*(FIGURES.c[name] for name in IDENTITY))
    async with connection.stream(ordered) as result:
        async for rows in result.partitions(_BATCH):
            yield [_line(row) for row in rows]


OBSERVATIONS = Dataset("observations", _COLUMNS, read_observations)


def _line(row: Row[Any]) -> dict[str, Any]:
    codes = {name.value: _code(getattr(row, name)) for name in Dimension}
    told = {name: getattr(row, name, None) for name in _COLUMNS}
    return {
        **told,
        **codes,
        "value": number(row.value),
        "municipality": _code(row.municipality),
        "period": periods.code(Period(row.period_from, row.period_to)),
        "members": " ".join(row.members) or None,
        "note_sq": row.note.get("sq"),
        "note_sr": row.note.get("sr-Latn"),
        "note_en": row.note.get("en"),
    }


def _code(code: str | None) -> str | None:
    return None if code == TOTAL else code
