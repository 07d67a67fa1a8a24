"""The import of forms, which the worker carries out."""

from komuna_shared.imports import Collection

from . import operations
from .schemas import FormIn


def form_collection(roles: frozenset[str]) -> Collection[FormIn]:
    """Return the collection of forms, for callers with one of the roles."""
    return Collection(
        "forms", FormIn, operations.add_forms, roles, ("code",), operations.check_forms
    )
