"""The body of a request: capped while it arrives, and if it is JSON read strictly."""

import asyncio
import hashlib
from collections.abc import Mapping

from starlette.types import Message, Receive, Scope

from komuna_shared import strict_json
from komuna_shared.access import Access
from komuna_shared.errors import (
    BadRequestError,
    SlowRequestError,
    TooLargeError,
    UnsupportedMediaTypeError,
)

DEADLINE = 10.0
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


class UnexpectedBodyError(BadRequestError):
    """A body where none belongs."""

    code = "unexpected_body"
    detail = "A request with this method has no body here."


async def admit(
    scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], access: Access
) -> Receive:
    """Return a `receive` for the route: JSON is there and sound, anything else is counted."""
    length = headers.get(b"content-length")
    if length in {None, b"0"} and b"transfer-encoding" not in headers:
        return receive
    if scope["method"] in _BODILESS:
        raise UnexpectedBodyError
    media = _media_type(headers, access)
    if length is not None and int(length) > access.body:
        raise TooLargeError(limit=access.body)
    if not media.endswith("json") or media == "application/x-ndjson":
        return _Counted(receive, access.body)
    try:
        async with asyncio.timeout(DEADLINE):
            body = await _read(receive, access.body)
    except TimeoutError:
        raise SlowRequestError from None
    strict_json.parse(body)
    scope["state"]["body_digest"] = hashlib.sha256(body).hexdigest()
    return _Replayed(body, receive)


def _media_type(headers: Mapping[bytes, bytes], access: Access) -> str:
    named, _, parameters = headers.get(b"content-type", b"").decode("latin-1").partition(";")
    media = named.strip().lower()
    charset = parameters.strip().lower().replace('"', "")
    is_readable = charset in {"", "charset=utf-8"} or not charset.startswith("charset")
    if media not in access.media or not is_readable or b"content-encoding" in headers:
        raise UnsupportedMediaTypeError(accepted=", ".join(access.media))
    return media


async def _read(receive: Receive, limit: int) -> bytes:
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise UnexpectedBodyError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLargeError(limit=limit)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


class _Replayed:
    """Hands a body over that was read already, then goes on with the connection."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


class _Counted:
    """Passes a body on while it is within its cap."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = self._limit = limit

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise TooLargeError(limit=self._limit)
        return message
