"""How answers name whose a record is: an institution's, or a municipality's."""

from typing import Any

from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import Frame
from komuna_shared.database import Record


def show_owner(row: Record, frame: Frame, language: str) -> dict[str, Any]:
    """Return the owner of a row that has either of the two, and `institution_names`."""
    if row.institution is not None:
        owner = {"kind": "institution", "code": row.institution}
        return {**owner, **labelled(row.institution_names, language)}
    owner = {"kind": "municipality", "code": row.municipality}
    return {**owner, **labelled(frame.names_of(row.municipality), language)}
