"""How a value about a person is encrypted for the one place where it stands."""

from .envelope import DataKey, Place, SealBrokenError, seal, unseal
from .fields import FieldClass

__all__ = ["DataKey", "FieldClass", "Place", "SealBrokenError", "seal", "unseal"]
