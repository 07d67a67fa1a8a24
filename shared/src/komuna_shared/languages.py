"""Which language a caller reads, and our sentences in it."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

LANGUAGES = ("sq", "sr-Latn", "sr-Cyrl", "en")
DEFAULT = "sq"

_FILES = {"sq": "sq.po", "sr-Latn": "sr_Latn.po"}
_TAGS = {tag.lower(): tag for tag in LANGUAGES} | {"sr": "sr-Latn"}
_FALLBACK = {
    "sq": ("sq", "en", "sr-Latn"),
    "sr-Latn": ("sr-Latn", "sr-Cyrl", "sq", "en"),
    "sr-Cyrl": ("sr-Cyrl", "sr-Latn", "sq", "en"),
    "en": ("en", "sq", "sr-Latn"),
}
_SENTENCES: dict[str, dict[str, str]] = {tag: {} for tag in LANGUAGES}

# Placeholders, quoted technical words and foreign words stay as they are.
_KEPT = re.compile(r"\{[^}]*\}|`[^`]*`|\w*[qwxyQWXY]\w*")
# Here n and j (d and ž) meet across the seam of two word parts and stay two letters.
_SEAMS = re.compile(r"(?i)(i|ko)n(?=j(?:ekc|unk|ug))|(na|po|o)d(?=ž(?:iv|al|anr|nj))")
_DIGRAPHS = {"lj": "љ", "nj": "њ", "dž": "џ"}
_LETTERS = str.maketrans(
    "abvgdđežzijklmnoprstćufhcčšABVGDĐEŽZIJKLMNOPRSTĆUFHCČŠ",
    "абвгдђежзијклмнопрстћуфхцчшАБВГДЂЕЖЗИЈКЛМНОПРСТЋУФХЦЧШ",
)


def add_catalogue(folder: Path) -> None:
    """Add the sentences of one member; English is the key, Cyrillic is derived."""
    for tag, name in _FILES.items():
        with (folder / name).open("rb") as file:
            catalogue = read_po(file, locale=tag.replace("-", "_"))
        for message in catalogue:
            if message.id and message.string:
                _SENTENCES[tag][str(message.id)] = str(message.string)
    for sentence, serbian in _SENTENCES["sr-Latn"].items():
        _SENTENCES["sr-Cyrl"][sentence] = to_cyrillic(serbian)


def translate(msgid: str, language: str, **params: Any) -> str:
    """Return the sentence in the language, with its placeholders filled from trusted `params`."""
    sentence = _SENTENCES[language].get(msgid, msgid)
    return sentence.format_map(params) if params else sentence


def own(msgid: str) -> str:
    """Return the sentence if it is one of ours; another's, as pydantic's, might hold a value."""
    return msgid if is_translated(msgid) else ""


def is_translated(msgid: str) -> bool:
    """Tell whether every language has the sentence."""
    return all(msgid in _SENTENCES[tag] for tag in LANGUAGES if tag != "en")


@lru_cache(maxsize=1024)
def negotiate(accept_language: str | None, lang: str | None = None) -> str:
    """Return the language for a caller by RFC 4647 look-up; `lang` beats the header."""
    if lang is not None and (found := _look_up(lang)) is not None:
        return found
    for wanted in _by_weight(accept_language or ""):
        if wanted == "*":
            return DEFAULT
        if (found := _look_up(wanted)) is not None:
            return found
    return DEFAULT


def is_known(lang: str) -> bool:
    """Tell whether `lang` names one of our languages."""
    return _look_up(lang) is not None


def label(names: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return the best name and the language it is in; a fallback is said, not hidden."""
    for tag in _FALLBACK[language]:
        if tag in names:
            return names[tag], tag
        if tag == "sr-Cyrl" and "sr-Latn" in names:
            return to_cyrillic(names["sr-Latn"]), tag
    tag, name = next(iter(names.items()))
    return name, tag


def to_cyrillic(text: str) -> str:
    """Return Serbian text in Cyrillic letters."""
    pieces: list[str] = []
    at = 0
    for kept in _KEPT.finditer(text):
        pieces += (_transliterate(text[at : kept.start()]), kept.group())
        at = kept.end()
    return "".join(pieces) + _transliterate(text[at:])


def _transliterate(text: str) -> str:
    # A zero-width mark keeps the seam apart while digraphs are replaced.
    text = _SEAMS.sub(lambda seam: seam.group() + "\u200b", text)
    for latin, cyrillic in _DIGRAPHS.items():
        text = text.replace(latin, cyrillic)
        text = text.replace(latin.capitalize(), cyrillic.upper())
        text = text.replace(latin.upper(), cyrillic.upper())
    return text.replace("\u200b", "").translate(_LETTERS)


def _look_up(wanted: str) -> str | None:
    wanted = wanted.strip().lower()
    while wanted:
        if wanted in _TAGS:
            return _TAGS[wanted]
        # A single letter before the cut ("x", "u") goes with what followed it.
        wanted = re.sub(r"(?:-[a-z0-9])?-[^-]*$", "", wanted) if "-" in wanted else ""
    return None


def _by_weight(header: str) -> Iterator[str]:
    weighted = []
    for position, part in enumerate(header.split(",")[:32]):
        tag, _, weight = part.partition(";")
        try:
            q = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if q > 0 and tag.strip():
            weighted.append((-q, position, tag.strip()))
    return (tag for _, _, tag in sorted(weighted))


add_catalogue(Path(__file__).parent / "locale")
