"""How answers name things in the caller's language, and say which language that became."""

from collections.abc import Mapping
from typing import TypedDict

from komuna_shared import languages


class Label(TypedDict):
    """The two fields that stand together wherever something is named."""

    label: str
    label_language: str


def labelled(names: Mapping[str, str], language: str) -> Label:
    """Return the name in the caller's language, or in the nearest there is, and which that is."""
    label, used = languages.label(names, language)
    return Label(label=label, label_language=used)
