"""Versions of what is served: strong entity tags that tell nothing about the content."""

import hmac
from base64 import urlsafe_b64encode

from fastapi import Request

from komuna_shared.errors import PreconditionFailedError, PreconditionRequiredError


def etag(*parts: object, key: bytes) -> str:
    """Return the strong tag of whatever `parts` identify: content version, language, format."""
    named = b"\x1f".join(one if isinstance(one, bytes) else str(one).encode() for one in parts)
    return f'"{urlsafe_b64encode(hmac.digest(key, named, "sha256")[:16]).decode().rstrip("=")}"'


def not_modified(request: Request, tag: str) -> bool:
    """Tell whether the caller has this version already."""
    known = request.headers.get("if-none-match")
    return known is not None and (known.strip() == "*" or tag in _tags(known, weak=True))


def check_if_match(request: Request, tag: str) -> None:
    """Raise unless the caller's change is based on the present version."""
    based_on = request.headers.get("if-match")
    if based_on is None:
        raise PreconditionRequiredError
    if based_on.strip() != "*" and tag not in _tags(based_on, weak=False):
        raise PreconditionFailedError


def _tags(header: str, *, weak: bool) -> set[str]:
    tags = (one.strip() for one in header.split(","))
    return {one.removeprefix("W/") if weak else one for one in tags}
