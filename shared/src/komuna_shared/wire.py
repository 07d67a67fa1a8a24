"""What may arrive on the wire at all; the same check stands before the gateway and each service."""

import re
import string
from collections import Counter
from collections.abc import Sequence
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

_IN_PATH = string.ascii_letters.encode() + b"0123456789._~!$&'()*+,;=:@/-"
_DOTS = re.compile(rb"/\.\.?(?:/|$)")
_QUERY = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?\[\]-]|%[0-9A-Fa-f]{2})*")
_SINGLE = frozenset(
    {
        b"host", b"authorization", b"content-length", b"content-type", b"content-encoding",
        b"transfer-encoding", b"idempotency-key", b"if-match", b"traceparent",
        b"acting-institution", b"komuna-ticket", b"processing-purpose",
    }
)  # fmt: skip
_UNPRINTABLE = bytes(range(9)) + bytes(range(10, 32)) + b"\x7f"


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
    if not path.startswith(b"/") or path.translate(None, _IN_PATH):
        return False
    return b"//" not in path and (b"/." not in path or _DOTS.search(path) is None)


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


def _check_headers(headers: Sequence[tuple[bytes, bytes]]) -> ServiceError | None:
    names = b"\n".join([name for name, _ in headers])
    values = [value for _, value in headers]
    size = len(names) + sum(map(len, values)) + 4 * len(values)
    if len(values) > MAX_HEADERS or size > MAX_HEADER_BLOCK:
        return HeadersTooLargeError()
    if max(map(len, values), default=0) > MAX_HEADER:
        return HeadersTooLargeError()
    text = b"".join(values)
    # Deleting and comparing is twenty times as fast as searching by expression.
    if b"_" in names or len(text.translate(None, _UNPRINTABLE)) != len(text):
        return BadHeaderError()
    last = dict(headers)
    if len(last) != len(values):
        counted = Counter(name for name, _ in headers)
        if any(counted[name] > 1 for name in _SINGLE):
            return BadHeaderError()
    return _check_framing(last) if last.get(b"host") else BadHeaderError()


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
