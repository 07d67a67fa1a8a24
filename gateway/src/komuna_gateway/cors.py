"""Which pages of other origins may read an answer."""

from collections.abc import Iterable

from komuna_gateway.headers import Headers

METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
READS = frozenset({b"GET", b"HEAD", b"POST"})
REQUEST_HEADERS = (
    b"Accept, Accept-Language, Acting-Institution, Authorization, Content-Type, Idempotency-Key, "
    b"If-Match, If-None-Match, Processing-Purpose, traceparent"
)
# With these alone, a page that is not ours can do no more than anybody without a token.
PUBLIC_HEADERS = b"Accept, Accept-Language, Content-Type, Idempotency-Key, If-None-Match"
EXPOSED = (
    b"Content-Language, Deprecation, ETag, Idempotent-Replayed, Link, Location, RateLimit, "
    b"RateLimit-Policy, Request-Id, Retry-After, Sunset"
)
_EXPOSED = (b"access-control-expose-headers", EXPOSED)
_ANY = ((b"access-control-allow-origin", b"*"), _EXPOSED)
_SECONDS = (b"access-control-max-age", b"600")
_VARY = (b"vary", b"Origin")


class Cors:
    """The origins that ops trusts."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._trusted = frozenset(origin.encode() for origin in origins)

    def headers(self, origin: bytes, *, has_token: bool) -> Headers:
        """Return what an answer to a page of this origin carries."""
        if origin in self._trusted:
            return [(b"access-control-allow-origin", origin), _EXPOSED, _VARY]
        return [_VARY] if has_token else [*_ANY, _VARY]

    def preflight(self, origin: bytes, method: bytes) -> Headers:
        """Return what a browser may do that asks first."""
        if origin in self._trusted:
            return [
                (b"access-control-allow-origin", origin),
                (b"access-control-allow-methods", METHODS),
                (b"access-control-allow-headers", REQUEST_HEADERS),
                _SECONDS,
                _VARY,
            ]
        if method not in READS:
            return [_VARY]
        return [
            (b"access-control-allow-origin", b"*"),
            (b"access-control-allow-methods", b"GET, HEAD, POST"),
            (b"access-control-allow-headers", PUBLIC_HEADERS),
            _SECONDS,
            _VARY,
        ]
