"""What the database is asked to explain a figure."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_indicators.catalogue.snapshot import Catalogue
from komuna_indicators.municipalities.models import Municipality
from komuna_indicators.observations import queries as observations
from komuna_indicators.observations.queries import Wanted
from komuna_indicators.periods import Period
from komuna_shared.errors import NotFoundError
from komuna_shared.paging import PageRequest

from . import rules

_MOST = 50


async def find_stated(
    connection: AsyncConnection, catalogue: Catalogue, *, dataflow: str, key: str, period: Period
) -> Sequence[Row[Any]]:
    """Return what is stated about one cell, the leading statement first, or raise."""
    indicator, _, rest = key.partition(".")
    municipality, _, codes = rest.partition(".")
    dimensions = list(catalogue.dimensions.get(dataflow, ()))
    named = codes.split(".") if codes else []
    if not municipality or len(named) != len(dimensions):
        raise NotFoundError
    wanted = Wanted(
        dataflows=[dataflow],
        indicators=[indicator],
        municipalities=[municipality],
        periods=[period],
        codes={name: [code] for name, code in zip(dimensions, named, strict=True)},
    )
    found = await observations.list_observations(connection, PageRequest(limit=_MOST), wanted)
    if not found.items:
        raise NotFoundError
    return sorted(found.items, key=lambda row: _precedence(row, catalogue))


async def find_names(connection: AsyncConnection, slug: str) -> Mapping[str, str] | None:
    """Return what a municipality is called."""
    names = select(Municipality.names).where(Municipality.slug == slug)
    found: dict[str, str] | None = (await connection.execute(names)).scalar()
    return found


def _precedence(row: Row[Any], catalogue: Catalogue) -> tuple[bool, list[int]]:
    document = catalogue.documents.get(row.document)
    return rules.precedence(row.origin, document.published_on if document else None)
