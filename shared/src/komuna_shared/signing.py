"""Opaque values that only we can have made: signed, not secret."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson

from komuna_shared.errors import BadRequestError

_SIGNATURE = 16
_LONGEST = 1024


class CursorInvalidError(BadRequestError):
    """The cursor was not made by us, or not for this request."""

    code = "cursor_invalid"
    detail = "The cursor is not valid here."


def seal(value: Any, key: bytes) -> str:
    """Return a value as opaque text."""
    body = orjson.dumps(value)
    signed = hmac.digest(key, body, "sha256")[:_SIGNATURE] + body
    return urlsafe_b64encode(signed).decode().rstrip("=")


def open_sealed(sealed: str, key: bytes) -> Any:
    """Return the value, or raise `CursorInvalidError` for anything we did not seal with `key`."""
    try:
        if len(sealed) > _LONGEST or not sealed.isascii():
            raise CursorInvalidError
        signed = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    except ValueError:
        raise CursorInvalidError from None
    signature, body = signed[:_SIGNATURE], signed[_SIGNATURE:]
    if not hmac.compare_digest(signature, hmac.digest(key, body, "sha256")[:_SIGNATURE]):
        raise CursorInvalidError
    return orjson.loads(body)
