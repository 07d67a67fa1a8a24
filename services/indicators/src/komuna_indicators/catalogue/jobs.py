"""The imports into the catalogue, which the worker carries out."""

from collections.abc import Sequence
from typing import Any

from komuna_shared.imports import Collection

from . import operations
from .schemas import CodeListIn, DataflowIn, DocumentIn, IndicatorIn


def catalogue_collections(roles: frozenset[str]) -> Sequence[Collection[Any]]:
    """Return the collections of the catalogue, for callers with one of the roles."""
    return (
        Collection("documents", DocumentIn, operations.add_documents, roles, ("code",)),
        Collection(
            "code-lists",
            CodeListIn,
            operations.add_code_lists,
            roles,
            ("code",),
            operations.check_code_lists,
        ),
        Collection(
            "dataflows",
            DataflowIn,
            operations.add_dataflows,
            roles,
            ("code",),
            operations.check_dataflows,
        ),
        Collection(
            "indicators",
            IndicatorIn,
            operations.add_indicators,
            roles,
            ("code",),
            operations.check_indicators,
        ),
    )
