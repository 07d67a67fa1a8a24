"""How contacts are told."""

from typing import Any

from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import Frame
from komuna_registry.owners import show_owner
from komuna_shared.database import Record


def show_contact(row: Record, frame: Frame, language: str) -> dict[str, Any]:
    """Return a contact with the names of its owner and of its kind."""
    kind = None
    if row.kind is not None:
        kind = {"code": row.kind, **labelled(row.kind_names, language)}
    return {
        "id": row.id,
        "owner": show_owner(row, frame, language),
        "kind": kind,
        "position": row.position,
        "office": row.office,
        "name": row.name,
        "email": row.email,
        "telephone": row.telephone,
        "languages": row.languages,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "is_synthetic": row.is_synthetic,
        "version": row.version,
        "source": row.source,
        "locator": row.locator,
    }
