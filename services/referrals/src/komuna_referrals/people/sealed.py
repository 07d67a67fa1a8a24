"""How the fields of a person become sealed columns, and again fields."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from komuna_referrals.sealing import DataKey, FieldClass, Place, seal, unseal

from .models import Person
from .rules import FIELDS

TABLE = "person"
_CLASS = {field: FieldClass(one) for one, fields in FIELDS.items() for field in fields}


def seal_person(
    keys: Mapping[FieldClass, DataKey], case_id: UUID, version: int, values: Mapping[str, Any]
) -> dict[str, bytes | None]:
    """Return the columns of one version of a person; what is not known stays empty."""
    return {
        field: None
        if _is_unknown(values.get(field))
        else seal(keys[of], _written(values[field]), Place(TABLE, field, case_id, version))
        for field, of in _CLASS.items()
    }


def open_person(
    keys: Mapping[FieldClass, DataKey], person: Person, classes: Iterable[str]
) -> dict[str, Any]:
    """Return the fields of some classes, or raise `SealBrokenError`."""
    found: dict[str, Any] = {}
    for one in classes:
        for field in FIELDS[one]:
            sealed = getattr(person, field)
            place = Place(TABLE, field, person.case_id, person.version)
            found[field] = (
                _unknown(field)
                if sealed is None
                else json.loads(unseal(keys[FieldClass(one)], sealed, place))
            )
    return found


def _is_unknown(value: Any) -> bool:
    return value is None or value == []


def _unknown(field: str) -> Any:
    return [] if field == "citizenships" else None


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
