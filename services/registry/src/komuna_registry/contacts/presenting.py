"""How contacts are told."""

from typing import Any

from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import Frame
from komuna_registry.owners import show_owner
from komuna_shared.database import Record


def show_contact(row: Record, frame: Frame, language: str) -> dict[str, Any]:
    """Return a contact with the names of its owner and of its kind."""
    kind = labelled(row.kind_names, language) if row.kind is not None else None
    return {
        "id": row.id,
        "owner": show_owner(row, frame, language),
        "kind": row.kind,
        "kind_label": kind and kind["label"],
        "kind_label_language": kind and kind["label_language"],
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
