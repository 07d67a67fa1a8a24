"""How a document tells which fields of a body belong together; no reader need guess."""

from pydantic.config import JsonDict

_NULL: JsonDict = {"type": "null"}
_GIVEN: JsonDict = {"not": {"type": "null"}}


def one_of(*groups: tuple[str, ...]) -> JsonDict:
    """Return the schema of exactly one group given whole, and nothing of the others.

    An empty group stands for nothing being given at all.
    """
    names = {name for group in groups for name in group}
    return {"oneOf": [_only(group, names) for group in groups]}


def any_of(*names: str) -> JsonDict:
    """Return the schema of at least one of these fields being given."""
    return {"anyOf": [{"required": [name], "properties": {name: _GIVEN}} for name in names]}


def _only(group: tuple[str, ...], names: set[str]) -> JsonDict:
    told: JsonDict = {name: _GIVEN if name in group else _NULL for name in sorted(names)}
    # An empty list of what is required is no valid OpenAPI 3.0.
    return {"properties": told, **({"required": list(group)} if group else {})}
