"""The import of obligations, which the worker carries out."""

from komuna_shared.imports import Collection

from . import operations
from .schemas import ObligationIn


def obligation_collection(roles: frozenset[str]) -> Collection[ObligationIn]:
    """Return the collection of obligations, for callers with one of the roles."""
    return Collection(
        "obligations",
        ObligationIn,
        operations.add_obligations,
        roles,
        ("code",),
        operations.check_obligations,
    )
