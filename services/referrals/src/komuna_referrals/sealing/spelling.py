"""One spelling for a name that Albanian, Serbian and passports write in several ways.

It is coarse on purpose: it finds the cases to ask about and decides nothing. `š`, `sh`, `ш` and
the bare `s` of a keyboard without them are one letter here; so are `ç č ć q ch`, and `đ gj xh dž`.
"""

import re
import unicodedata

# Serbian, Macedonian, Bulgarian, Ukrainian and Russian letters as Serbian Latin writes them.
_CYRILLIC = str.maketrans(
    dict(zip("абвгдежзијклмнопрстћуфхцчшђѕйщ", "abvgdežzijklmnoprstćufhcčšđxjš", strict=True))
    | {"љ": "lj", "њ": "nj", "џ": "dž", "ѓ": "gj", "ќ": "q", "ь": "", "ъ": "", "ы": "i"}
    | {"э": "e", "ю": "ju", "я": "ja", "ё": "jo", "є": "je", "\u0456": "i", "ї": "i", "ґ": "g"}
)
# Longest first. Capitals stand for sounds: every other letter is small by then.
_SOUNDS = (
    *((one, "D") for one in ("dzh", "dž", "xh", "gj", "dj", "đ", "dz", "x")),
    *((one, "c") for one in ("tsh", "ch", "č", "ć", "ç", "ts", "q")),
    *((one, "s") for one in ("sh", "š", "ş")),
    *((one, "z") for one in ("zh", "ž")),
    *(("th", "t"), ("dh", "d"), ("ll", "l"), ("lj", "l"), ("ph", "f"), ("w", "v")),
    *(("y", "i"), ("j", "i"), ("\u0131", "i"), ("ø", "o"), ("ł", "l")),
)
_SOUND = re.compile("|".join(re.escape(one) for one, _ in _SOUNDS))
_BY_SPELLING = dict(_SOUNDS)
_REPEATED = re.compile(r"(.)\1+")


def fold_name(name: str) -> str:
    """Return what is left of a name when nothing but its sound counts; may be empty."""
    small = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    latin = small.translate(_CYRILLIC)
    sounds = _SOUND.sub(lambda found: _BY_SPELLING[found[0]], latin)
    bare = (one for one in unicodedata.normalize("NFD", sounds) if one.isalnum())
    return _REPEATED.sub(r"\1", "".join(bare))


def fold_telephone(number: str) -> str:
    """Return a number as `+` and digits; one without a country is taken for a number of Kosovo."""
    digits = "".join(one for one in unicodedata.normalize("NFKC", number) if one.isdecimal())
    if number.strip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+383{digits.removeprefix('0')}"


def fold_number(number: str) -> str:
    """Return the letters and digits of a personal number."""
    found = unicodedata.normalize("NFKC", number).casefold()
    return "".join(one for one in found if one.isalnum())
