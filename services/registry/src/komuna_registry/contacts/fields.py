"""The shapes of what a contact says: an address, a number, languages, as people write them."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from komuna_registry.fields import ImpreciseDate

LANGUAGES = ("sq", "sr", "en", "tr", "bs", "rom")
_EMAIL = re.compile(r"[^\s@<>()\[\]\",;:\\]+@(?:[\w-]+\.)+[\w-]{2,}")
_TELEPHONE = re.compile(r"(?:\+|00)?[0-9(][0-9\s()/.\-]*[0-9]")
_DIGITS = range(6, 16)
_BETWEEN = re.compile(r"[^A-Za-z-]+")
_SCRIPTS = re.compile(r"^sr-(?:latn|cyrl)$")


def _check_email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise PydanticCustomError("invalid_email", "This is not an e-mail address.")
    return text


def _check_not_number(sent: Any) -> Any:
    if isinstance(sent, int | float):
        raise PydanticCustomError(
            "telephone_as_number",
            "A spreadsheet took this for a number, which loses `+` and 0 at its beginning. "
            "Make the cell text.",
        )
    return sent


def _check_telephone(text: str) -> str:
    digits = sum(sign.isdigit() for sign in text)
    if digits not in _DIGITS or not _TELEPHONE.fullmatch(text):
        raise PydanticCustomError(
            "invalid_telephone", "Write one telephone number, as `+383 38 200 300`."
        )
    return " ".join(text.split())


def _read_languages(sent: Any) -> Any:
    """Read the codes out of a list, or out of the text of one cell."""
    if isinstance(sent, str):
        sent = [part for part in _BETWEEN.split(sent) if part]
    if not isinstance(sent, list):
        return sent
    lowered = [_SCRIPTS.sub("sr", str(one).lower()) for one in sent]
    if any(one not in LANGUAGES for one in lowered):
        raise PydanticCustomError(
            "unknown_language", "Name languages by `sq`, `sr`, `en`, `tr`, `bs` and `rom`."
        )
    return sorted(set(lowered), key=LANGUAGES.index)


def _read_date(sent: Any) -> Any:
    """Read what a spreadsheet made of a day or a year."""
    if isinstance(sent, date):
        return sent.isoformat()
    return str(sent) if isinstance(sent, int) and not isinstance(sent, bool) else sent


def _read_text(sent: Any) -> Any:
    return str(sent) if isinstance(sent, int) and not isinstance(sent, bool) else sent


Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_check_email)]
Telephone = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_check_telephone),
    BeforeValidator(_check_not_number),
]
Languages = Annotated[list[str], BeforeValidator(_read_languages)]
WrittenDate = Annotated[ImpreciseDate, BeforeValidator(_read_date)]
Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    BeforeValidator(_read_text),
]
