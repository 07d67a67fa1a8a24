"""The names of a record as callers write them, and as they are after a change."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from komuna_registry.fields import Text
from komuna_shared.errors import FieldError, RuleError

# Serbian is written in Latin letters; Cyrillic follows from them.
Written = Literal["sq", "sr-Latn", "en"]
_WRITTEN = frozenset(get_args(Written))


def _check_languages(sent: Any) -> Any:
    # Of a language that is none, pydantic would point to what the caller wrote, which is not told.
    if isinstance(sent, dict) and not sent.keys() <= _WRITTEN:
        raise PydanticCustomError(
            "unknown_language", "Names are written in `sq`, `sr-Latn` and `en`."
        )
    return sent


OfLanguages = BeforeValidator(_check_languages)
NamesIn = Annotated[dict[Written, Text], Field(min_length=1), OfLanguages]
NamesChangeIn = Annotated[dict[Written, Text | None], OfLanguages]
"""A merge patch of names: what is null goes."""


class MissingNameError(RuleError):
    """No name would be left."""

    code = "missing_name"
    detail = "A name in one language is needed."

    def __init__(self) -> None:
        super().__init__(errors=(FieldError("/names", self.code),))


def merge_names(names: Mapping[str, str], sent: Mapping[Any, str | None] | None) -> dict[str, str]:
    """Return names after a merge patch: null takes one away, and one must be left."""
    merged = {**names, **(sent or {})} if sent is not None else {}
    kept = {language: name for language, name in merged.items() if name is not None}
    if not kept:
        raise MissingNameError
    return kept
