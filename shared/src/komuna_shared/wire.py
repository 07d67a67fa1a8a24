"""What may arrive on the wire at all; the same check stands before the gateway and each service."""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from starlette.types import Scope

from komuna_shared.errors import (
    BadRequestError,
    HeadersTooLargeError,
    MethodNotAllowedError,
    ServiceError,
    UriTooLongError,
)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
MAX_REQUEST_LINE = 4096
MAX_HEADERS = 64
MAX_HEADER = 8192
MAX_HEADER_BLOCK = 16384
_LENGTH_DIGITS = 15

_PATH = re.compile(rb"/[A-Za-z0-9._~!$&'()*+,;=:@/-]*")
_BAD_SEGMENT = re.compile(rb"//|/\.\.?(?:/|$)")
_QUERY = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?\[\]-]|%[0-9A-Fa-f]{2})*")
_SINGLE = frozenset(
    {
        b"host", b"authorization", b"content-length", b"content-type", b"content-encoding",
        b"transfer-encoding", b"idempotency-key", b"if-match", b"traceparent",
    }
)  # fmt: skip
_UNPRINTABLE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class BadPathError(BadRequestError):
    """The path has characters or segments that no address of ours has."""

    code = "bad_path"
    detail = "The path has characters or segments that no address here has."


class BadQueryError(BadRequestError):
    """The query is not percent-encoded text."""

    code = "bad_query"
    detail = "The query is not percent-encoded `UTF-8` text."


class BadHeaderError(BadRequestError):
    """A header is ambiguous, repeated or unprintable."""

    code = "bad_header"
    detail = "A header is missing, repeated, contradictory, or has characters that are not allowed."


class BadFramingError(BadRequestError):
    """Two readers could disagree where the request ends."""

    code = "bad_framing"
    detail = "The request is not plain `HTTP/1.1`: its length or its version is not clear."


def check(scope: Scope) -> ServiceError | None:
    """Return what is wrong with a request before anything of it is used, or None."""
    if scope["method"] not in METHODS:
        return MethodNotAllowedError(headers={"allow": ", ".join(sorted(METHODS))})
    if scope["http_version"] != "1.1":
        return BadFramingError()
    return _check_address(scope) or _check_headers(scope["headers"])


def is_path(path: bytes) -> bool:
    """Tell whether the path has only characters and segments that our addresses have."""
    return _PATH.fullmatch(path) is not None and _BAD_SEGMENT.search(path) is None


def _check_address(scope: Scope) -> ServiceError | None:
    path, query = scope["raw_path"], scope["query_string"]
    if len(path) + len(query) + len(scope["method"]) > MAX_REQUEST_LINE - 11:
        return UriTooLongError(limit=MAX_REQUEST_LINE)
    if not is_path(path):
        return BadPathError()
    if query and not _is_query(query):
        return BadQueryError()
    return None


def _is_query(query: bytes) -> bool:
    if _QUERY.fullmatch(query) is None:
        return False
    if b"%" not in query:
        return True
    plain = unquote_to_bytes(query)
    try:
        plain.decode()
    except UnicodeDecodeError:
        return False
    return b"\x00" not in plain


def _check_headers(headers: Iterable[tuple[bytes, bytes]]) -> ServiceError | None:
    seen: dict[bytes, bytes] = {}
    count = size = 0
    for name, value in headers:
        count += 1
        size += len(name) + len(value) + 4
        if len(value) > MAX_HEADER:
            return HeadersTooLargeError()
        if b"_" in name or _UNPRINTABLE.search(value) or (name in _SINGLE and name in seen):
            return BadHeaderError()
        seen[name] = value
    if count > MAX_HEADERS or size > MAX_HEADER_BLOCK:
        return HeadersTooLargeError()
    if not seen.get(b"host"):
        return BadHeaderError()
    return _check_framing(seen)


def _check_framing(headers: dict[bytes, bytes]) -> ServiceError | None:
    coding, length = headers.get(b"transfer-encoding"), headers.get(b"content-length")
    if b"upgrade" in headers:
        # The parser would take everything after the head for another protocol.
        return BadFramingError()
    if coding is not None and (coding != b"chunked" or length is not None):
        return BadFramingError()
    if length is not None and not (length.isdigit() and len(length) <= _LENGTH_DIGITS):
        return BadFramingError()
    return None
