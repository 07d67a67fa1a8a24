"""The import of figures, which the worker carries out."""

from functools import partial

from komuna_indicators.clients.registry import RegistryClient
from komuna_shared.imports import Collection

from . import operations
from .schemas import FIGURE, ObservationIn


def observation_collection(
    registry: RegistryClient, roles: frozenset[str]
) -> Collection[ObservationIn]:
    """Return the collection of figures, for callers with one of the roles."""
    return Collection(
        "observations",
        ObservationIn,
        partial(operations.add_observations, registry=registry),
        roles,
        FIGURE,
        partial(operations.check_observations, registry=registry),
    )
