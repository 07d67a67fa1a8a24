"""One request at the door, and the headers every answer to it carries."""

import asyncio
import os
import random
import re
from time import perf_counter
from urllib.parse import parse_qs

from starlette.types import Message, Receive, Scope, Send

from komuna_gateway.headers import Headers, without_connection_named
from komuna_gateway.quotas import Spent
from komuna_shared.access import Principal
from komuna_shared.errors import ServiceError
from komuna_shared.languages import negotiate
from komuna_shared.problems import problem

# A body this small is thrown away by the server; a larger one costs the connection.
SMALL_BODY = 65_536
LINGER_SECONDS = 0.5
_DIGITS = 16

# A trace id has to be unlike the others, not a secret; asking the system costs a call each time.
_random = random.Random(os.urandom(32)).getrandbits  # noqa: S311
_TRACEPARENT = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")
_OWN = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"vary", b"Accept, Accept-Language"),
)
_CLOSED = b"default-src 'none'; frame-ancestors 'none'"


class Exchange:
    """What is known of one request while it is answered."""

    __slots__ = (
        "body_length",
        "code",
        "cors",
        "flags",
        "given",
        "headers",
        "is_held",
        "is_unread",
        "principal",
        "receive",
        "route",
        "scope",
        "send",
        "spent",
        "started",
        "status",
        "trace",
        "trace_id",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.started = perf_counter()
        self.scope = scope
        self.receive = receive
        self.send = send
        self.headers: Headers = scope["headers"]
        self.given: dict[bytes, bytes] = dict(self.headers)
        if b"connection" in self.given:
            self.headers = without_connection_named(self.headers)
            self.given = dict(self.headers)
        self.route = "unmatched"
        self.status = 0
        self.code = ""
        self.spent: Spent | None = None
        self.principal: Principal | None = None
        self.is_held = False
        self.cors: Headers = []
        self.trace, self.flags = self._trace()
        self.trace_id = _as_uuid(self.trace)
        self.body_length = self._body_length()
        self.is_unread = self.body_length is None or self.body_length > SMALL_BODY

    @property
    def has_body(self) -> bool:
        """Tell whether the request brings a body."""
        return self.body_length != 0

    def traceparent(self) -> str:
        """Return the trace as a service sees it, with this hop as its parent."""
        return f"00-{self.trace}-{_random(64) or 1:016x}-{self.flags}"

    async def start(self, status: int, headers: Headers) -> None:
        """Send the head of the answer, with what every answer carries."""
        self.status = status
        headers.append((b"request-id", self.trace_id.encode()))
        if self.spent is not None:
            headers += self.spent.headers()
        headers += self.cors
        if self.is_unread:
            headers.append((b"connection", b"close"))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def refuse(self, error: ServiceError, public_url: str) -> None:
        """Send the problem document of an error."""
        self.code = error.code
        status, headers, body = problem(
            error, language=self.language(), trace_id=self.trace_id, public_url=public_url
        )
        headers = [header for header in headers if header[0] != b"connection"]
        await self.start(status, [*headers, *_OWN, (b"content-security-policy", _CLOSED)])
        await self.send_last(body)

    async def send_last(self, piece: bytes) -> None:
        """Send the last piece of an answer whose length was announced."""
        # Closing on a caller who still sends resets the connection, and the answer may be lost
        # with it: the end is held back for as long as `let_go` waits.
        self.is_held = self.is_unread
        message = {"type": "http.response.body", "body": piece, "more_body": self.is_held}
        await self.send(message)

    async def let_go(self) -> None:
        """End an answer that was held back."""
        await asyncio.sleep(LINGER_SECONDS)
        await self.send({"type": "http.response.body", "body": b""})

    async def send_own(self, message: Message) -> None:
        """Pass on what the gateway's own pages answer."""
        if message["type"] == "http.response.start":
            given = dict(message["headers"])
            said = (*_OWN, (b"content-language", self.language().encode()))
            extra = [header for header in said if header[0] not in given]
            await self.start(message["status"], [*message["headers"], *extra])
        else:
            await self.send(message)

    def language(self) -> str:
        """Return the language the caller reads."""
        query: bytes = self.scope["query_string"]
        lang = None
        if b"lang=" in query:
            lang = parse_qs(query.decode("latin-1")).get("lang", [None])[0]
        return negotiate(self.given.get(b"accept-language", b"").decode("latin-1"), lang)

    def _trace(self) -> tuple[str, str]:
        given = self.given.get(b"traceparent")
        found = given and _TRACEPARENT.fullmatch(given)
        if found:
            return found[1].decode(), found[2].decode()
        return f"{_random(128) or 1:032x}", "00"

    def _body_length(self) -> int | None:
        if b"transfer-encoding" in self.given:
            return None
        length = self.given.get(b"content-length", b"0")
        # The wire check refuses what is no number; until then it counts as a body without end.
        return int(length) if length.isdigit() and len(length) < _DIGITS else None


def _as_uuid(trace: str) -> str:
    return f"{trace[:8]}-{trace[8:12]}-{trace[12:16]}-{trace[16:20]}-{trace[20:]}"
