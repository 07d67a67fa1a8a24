"""JSON read strictly: what two readers could understand differently is refused."""

import json
import re
from collections.abc import Iterator
from math import isinf
from typing import Any, NoReturn

from komuna_shared.errors import BadRequestError

MAX_DEPTH = 16

_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
# A lone surrogate cannot be stored as UTF-8, and NUL cannot be stored in PostgreSQL.
_SUSPECT = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")


class MalformedJsonError(BadRequestError):
    """The body is not JSON."""

    code = "malformed_json"
    detail = "The body is not well-formed `JSON` in `UTF-8`."


class DuplicateKeyError(BadRequestError):
    """An object names a key twice."""

    code = "duplicate_key"
    detail = "An object in the body has the same key twice."


class NotANumberError(BadRequestError):
    """A number is not finite."""

    code = "not_a_number"
    detail = "The body has a number that is not finite."


class TooDeepError(BadRequestError):
    """The body is nested too deeply."""

    code = "too_deep"
    detail = "The body is nested more than {limit} levels deep."

    def __init__(self) -> None:
        super().__init__(limit=MAX_DEPTH)


def parse(body: bytes) -> Any:
    """Return what the body says, or raise a `BadRequestError`."""
    _check_depth(body)
    try:
        parsed = _DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        raise MalformedJsonError from None
    if _SUSPECT.search(body) and any(map(_is_unstorable, _strings(parsed))):
        raise MalformedJsonError
    return parsed


def _check_depth(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _TOKENS.finditer(body):
        bracket = token.group()
        if bracket in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise TooDeepError
        elif bracket in b"]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise DuplicateKeyError
    return made


def _finite(number: str) -> float:
    value = float(number)
    if isinf(value):
        raise NotANumberError
    return value


def _refuse_constant(_: str) -> NoReturn:
    raise NotANumberError


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _strings(one)


def _is_unstorable(text: str) -> bool:
    return "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse_constant
)
