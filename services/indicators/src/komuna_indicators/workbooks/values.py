"""What a person typed into one cell, as the number, the reason or the comment it stands for."""

import re
from decimal import Decimal
from typing import Any, NamedTuple

from .rules import Choice

_WHOLE = re.compile(r"\+?\d{1,15}")
_NEGATIVE = re.compile(r"[-\N{MINUS SIGN}\N{EN DASH}]\s*\d[\d.,\s]*")
_DECIMAL_COMMA = re.compile(r"[+-]?\d[\d.\s]*,\d+")
_FRACTION = re.compile(r"\+?\d{1,15}\.\d{1,15}")
_BLANKS = re.compile(r"[\s\u200b\u2060\ufeff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LARGEST = 999_999_999
LONGEST_COMMENT = 1_000
_LONGEST_GIVEN = 1_000


class Read(NamedTuple):
    """What was understood, or the code of what is wrong."""

    value: Any = None
    code: str = ""


def read_number(cell: Any, decimals: int = 0) -> Read:
    """Read a number, which may have been pasted as text; a whole one without `decimals`."""
    if cell is None:
        return Read()
    if isinstance(cell, str):
        cell = _number_in(_BLANKS.sub(" ", cell).strip())
    elif isinstance(cell, bool) or not isinstance(cell, int | float):
        return Read(code="not_a_number")
    if isinstance(cell, Read):
        return cell
    # The shortest text that means this float is what its writer saw.
    number = cell if isinstance(cell, Decimal) else Decimal(repr(cell))
    return _in_range(number, decimals)


def read_choice(cell: Any, choices: tuple[Choice, ...]) -> Read:
    """Read an answer from a drop-down list: its label in any language, or its code."""
    if cell is None:
        return Read()
    said = folded(cell)
    for one in choices:
        if said == one.code or said in {folded(label) for label in one.labels}:
            return Read(one.code)
    return Read(code="unknown_reason")


def read_comment(cell: Any) -> Read:
    """Read a comment."""
    if cell is None:
        return Read()
    text = as_text(cell)
    if _CONTROL.search(text):
        return Read(code="control_character")
    return Read(text) if len(text) <= LONGEST_COMMENT else Read(code="comment_too_long")


def as_text(cell: Any) -> str:
    """Return what a cell shows, for a person to find again; no more than fits beside it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, dict):  # A day or an hour, as the reading process tells them.
        [cell] = cell.values()
    return str(cell).strip()


def shown(cell: Any) -> str:
    """Return what was given as text that every workbook can hold."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", as_text(cell))[:_LONGEST_GIVEN]


def folded(cell: Any) -> str:
    """Return a text without what people do not see: cases and runs of blanks."""
    return _BLANKS.sub(" ", as_text(cell)).strip().casefold()


def _number_in(text: str) -> Decimal | Read:
    if not text:
        return Read()
    if text.isascii() and (_WHOLE.fullmatch(text) or _FRACTION.fullmatch(text)):
        return Decimal(text)
    for pattern, code in ((_NEGATIVE, "negative"), (_DECIMAL_COMMA, "decimal_comma")):
        if pattern.fullmatch(text):
            return Read(code=code)
    return Read(code="not_a_number")


def _in_range(number: Decimal, decimals: int) -> Read:
    if not number.is_finite():
        return Read(code="not_a_number")
    if number < 0:
        return Read(code="negative")
    if number > LARGEST:
        return Read(code="number_too_large")
    if number == number.to_integral_value():
        return Read(number.quantize(Decimal(1)))
    return Read(number) if decimals else Read(code="not_whole")
