"""Which headers pass, in either direction; what is on neither list never does."""

from functools import lru_cache

Headers = list[tuple[bytes, bytes]]

# An allow-list: nothing that a service believes is ever added to a request by name alone, so
# there is nothing a caller could put there first. The names are those the services read.
REQUEST = {
    name.encode(): name
    for name in (
        "accept",
        "accept-language",
        "acting-institution",
        "authorization",
        "content-length",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "processing-purpose",
    )
}

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)

# Server and software names tell an attacker; the rest is the gateway's own to say.
RESPONSE_STRIPPED = HOP_BY_HOP | {
    b"access-control-allow-credentials",
    b"access-control-allow-headers",
    b"access-control-allow-methods",
    b"access-control-allow-origin",
    b"access-control-expose-headers",
    b"alt-svc",
    b"date",
    b"ratelimit",
    b"ratelimit-policy",
    b"request-id",
    b"server",
    b"server-timing",
    b"via",
    b"x-powered-by",
    b"x-request-id",
}

_HARMLESS = frozenset({b"keep-alive", b"close"})
_BODILESS = frozenset({204, 304})


def without_connection_named(headers: Headers) -> Headers:
    """Return the headers without those that `Connection` says end at this hop."""
    named: set[bytes] = set()
    for name, value in headers:
        if name == b"connection" and value.lower() not in _HARMLESS:
            named.update(part.strip() for part in value.lower().split(b","))
    # Where a request goes is no matter of one hop, and every request has it.
    named.discard(b"host")
    return [header for header in headers if header[0] not in named] if named else headers


def to_upstream(headers: Headers) -> list[tuple[str, str]]:
    """Return what of a request's headers a service sees."""
    known = REQUEST
    return [(known[name], value.decode("latin-1")) for name, value in headers if name in known]


def to_caller(headers: Headers, status: int) -> Headers:
    """Return what of an answer's headers the caller sees."""
    given = dict(headers)
    if given.get(b"connection", b"close").lower() not in _HARMLESS:
        headers = without_connection_named(headers)
    stripped = RESPONSE_STRIPPED
    kept = [header for header in headers if header[0] not in stripped]
    if status in _BODILESS or b"transfer-encoding" in given:
        # Beside chunks a length is ambiguous; without a body the server would wait for it.
        kept = [header for header in kept if header[0] != b"content-length"]
    return kept


@lru_cache(maxsize=4096)
def forwarded(address: str, scheme: str, host: bytes) -> str:
    """Return a `Forwarded` header made from the socket, not from what a caller forwarded."""
    if ":" in address:
        address = f'"[{address}]"'
    return f'for={address};proto={scheme};host="{host.decode("latin-1")}"'
