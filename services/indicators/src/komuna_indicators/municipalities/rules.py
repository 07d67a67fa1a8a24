"""How the name of a municipality is compared while registry does not answer."""

import unicodedata

COUNTRY = "_T"
"""The code for all of Kosovo: a figure that is not broken down by municipality."""


def normalise(text: str) -> str:
    """Return the form in which two spellings of one name are equal."""
    lowered = text.lower().replace("đ", "dj").replace("ð", "dj")
    decomposed = unicodedata.normalize("NFKD", lowered)
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in bare).split())
