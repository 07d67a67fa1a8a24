"""The settlements that a spelling may mean although no municipality is called so."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.naming import normalise
from komuna_registry.periods import Presence
from komuna_registry.tables import read_days

from .models import Settlement, SettlementMunicipality


@dataclass(frozen=True, slots=True)
class Place:
    """A settlement, and a municipality that it lies in for a time."""

    code: str
    names: Mapping[str, str]
    municipality: str
    presence: Presence


Places = Mapping[str, Sequence[Place]]
"""Settlements by the form in which two spellings of one name are equal."""


async def load_places(connection: AsyncConnection | AsyncSession) -> Places:
    """Read all settlements with where they lie."""
    within = SettlementMunicipality
    rows = await connection.execute(
        select(
            Settlement.code, Settlement.names, within.municipality, within.certain, within.possible
        )
        .join_from(Settlement, within, within.settlement == Settlement.code)
        .order_by(Settlement.code, within.municipality)
    )
    places: defaultdict[str, list[Place]] = defaultdict(list)
    for row in rows:
        held = Presence(read_days(row.certain), read_days(row.possible))
        place = Place(row.code, row.names, row.municipality, held)
        for key in {normalise(name) for name in row.names.values()}:
            places[key].append(place)
    return dict(places)
