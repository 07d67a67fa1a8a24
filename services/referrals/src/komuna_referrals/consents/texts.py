"""The texts that are read to people, as data: every version stays, for consents name it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from komuna_shared.errors import FieldError

from .rules import ConsentPurpose, ConsentTextError


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One text in one version and one language, and what was said of its quality."""

    code: str
    version: str
    language: str
    standing: str
    purposes: frozenset[ConsentPurpose]
    text: str

    @property
    def sha256(self) -> str:
        """Return what proves later which words were read."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def _load() -> Mapping[tuple[str, str, str], ConsentText]:
    file = resources.files("komuna_referrals.consents").joinpath("texts.json")
    return {
        (one["code"], one["version"], language): ConsentText(
            one["code"],
            one["version"],
            language,
            one["standing"],
            frozenset(ConsentPurpose(purpose) for purpose in one["purposes"]),
            text,
        )
        for one in json.loads(file.read_text("utf-8"))
        for language, text in one["texts"].items()
    }


TEXTS = _load()


def find_text(code: str, version: str, language: str, purpose: ConsentPurpose) -> ConsentText:
    """Return the text that was read, or raise where it is none for that purpose."""
    found = TEXTS.get((code, version, language))
    if found is None or purpose not in found.purposes:
        raise ConsentTextError(errors=(FieldError("/text", ConsentTextError.code),))
    return found
