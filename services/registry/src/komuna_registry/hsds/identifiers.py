"""Under which UUID HSDS knows what we know by a code: the same for ever, in every installation."""

from functools import lru_cache
from uuid import UUID, uuid3

# The trigger that stamps services computes theirs from the same namespace.
NAMESPACE = UUID("c8ec64b9-d8aa-575b-b9fb-554c10d47de6")
_KEPT = 65_536


@lru_cache(maxsize=_KEPT)
def identify(kind: str, code: str) -> UUID:
    """Return the name-based identifier (RFC 9562, version 3) of a thing with a code."""
    return uuid3(NAMESPACE, f"{kind}:{code}")
