"""How names are compared and put in order, whoever wrote them."""

import unicodedata
from collections.abc import Iterable

_LETTERS = [
    *("a", "b", "c", "ç", "d", "dh", "e", "ë", "f", "g", "gj", "h", "i", "j", "k", "l", "ll"),
    *("m", "n", "nj", "o", "p", "q", "r", "rr", "s", "sh", "t", "th", "u", "v", "w", "x"),
    *("xh", "y", "z", "zh"),
]
_RANK = {letter: chr(ord("A") + place) for place, letter in enumerate(_LETTERS)}
_WITHOUT_MARKS = {"đ": "dj", "ð": "dj"}
_MARKED_LETTERS = "çë"


def normalise(text: str) -> str:
    """Return the form in which two spellings of one name are equal."""
    lowered = text.lower()
    for letter, plain in _WITHOUT_MARKS.items():
        lowered = lowered.replace(letter, plain)
    decomposed = unicodedata.normalize("NFKD", lowered)
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in bare.lower()).split())


def like(q: str) -> str:
    """Return the pattern that finds normalised words with `q` in them; signs alone find nothing."""
    words = normalise(q)
    return f"%{words}%" if words else "!"


def findable(names: Iterable[str], most: int) -> str:
    """Return the words by which something is found, no longer than their column holds."""
    return " ".join(normalise(name) for name in names)[:most]


def alphabetical(text: str) -> str:
    """Return a key whose byte order is the Albanian alphabet: dh gj ll nj rr sh th xh zh ç ë."""
    letters = _albanian(unicodedata.normalize("NFC", text.lower()))
    key: list[str] = []
    place = 0
    while place < len(letters):
        width = 2 if letters[place : place + 2] in _RANK else 1
        key.append(_RANK.get(letters[place : place + width], " "))
        place += width
    return "".join(key)


def trigrams(normalised: str) -> frozenset[str]:
    """Return the three-letter pieces of every word, as pg_trgm cuts them."""
    return frozenset(
        padded[start : start + 3]
        for word in normalised.split()
        for padded in (f"  {word} ",)
        for start in range(len(padded) - 2)
    )


def _albanian(text: str) -> str:
    return "".join(
        sign if sign in _MARKED_LETTERS else unicodedata.normalize("NFKD", sign)[0] for sign in text
    )
