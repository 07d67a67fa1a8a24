"""Access tokens (RFC 9068): verified by everyone who receives one."""

import re
import time
from contextlib import suppress
from copy import copy
from typing import Any

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from komuna_shared.access import Principal
from komuna_shared.errors import UnauthorizedError
from komuna_shared.keysets import KeySetSource
from komuna_shared.settings import Settings

ALGORITHMS = {"EdDSA", "ES256"}
MAX_LIFETIME = 600
LEEWAY = 5
_MAX_TOKEN = 8192
_MAX_CACHED = 10_000
_CACHED_FOR = 60
_KID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TEXT = re.compile(r"[\x21-\x7e]{1,255}")


def _signatures() -> JWSRegistry:
    registry = JWSRegistry(algorithms=sorted(ALGORITHMS))
    registry.algorithms = {name: copy(JWSRegistry.algorithms[name]) for name in ALGORITHMS}
    # RFC 9864 renames EdDSA to Ed25519; identity providers go on saying EdDSA, without a warning.
    registry.algorithms["EdDSA"].security_warning = None
    return registry


SIGNATURES = _signatures()


class InvalidTokenError(UnauthorizedError):
    """The token is not one of ours, or no longer."""

    code = "invalid_token"
    detail = "The access token is not valid or has expired."

    def __init__(self) -> None:
        challenge = 'Bearer realm="komuna", error="invalid_token"'
        super().__init__(headers={"www-authenticate": challenge})


class Verifier:
    """Turns access tokens into principals, with the issuer's keys as they are now."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.issuer
        self._audience = settings.audience
        self._keys = KeySetSource(settings.jwks_url, on_change=self._forget)
        self._known: dict[str, tuple[float, Principal]] = {}

    @property
    def is_ready(self) -> bool:
        """Tell whether the issuer's keys are there."""
        return self._keys.is_loaded

    async def start(self) -> None:
        """Load the issuer's keys, and keep them fresh in the background."""
        await self._keys.start()

    async def close(self) -> None:
        """Stop the background refresh."""
        await self._keys.close()

    def cached(self, token: str) -> Principal | None:
        """Return the principal of a token that was verified a moment ago."""
        known = self._known.get(token)
        if known is None or known[0] <= time.time():
            return None
        return known[1]

    async def verify(self, token: str) -> Principal:
        """Return the principal of a token, or raise `UnauthorizedError`."""
        found = self.cached(token)
        if found is not None:
            return found
        key = await self._keys.get(_read_header(token))
        if key is None:
            raise InvalidTokenError
        try:
            claims = jwt.decode(token, key, registry=SIGNATURES).claims
        except (JoseError, ValueError):
            raise InvalidTokenError from None
        principal = self._principal(token, claims, time.time())
        self._remember(principal)
        return principal

    def _principal(self, token: str, claims: dict[str, Any], now: float) -> Principal:
        _check_times(claims, now)
        names = (claims.get("sub"), claims.get("client_id"), claims.get("jti"))
        if claims.get("iss") != self._issuer or not _is_for(claims, self._audience):
            raise InvalidTokenError
        if not all(isinstance(name, str) and _TEXT.fullmatch(name) for name in names):
            raise InvalidTokenError
        scope = claims.get("scope", "")
        if not isinstance(scope, str):
            raise InvalidTokenError
        return Principal(
            issuer=self._issuer,
            subject=str(names[0]),
            client_id=str(names[1]),
            scopes=frozenset(scope.split()),
            token=token,
            expires_at=float(claims["exp"]),
        )

    def _remember(self, principal: Principal) -> None:
        while len(self._known) >= _MAX_CACHED:
            with suppress(KeyError, StopIteration):
                del self._known[next(iter(self._known))]
        until = min(principal.expires_at, time.time() + _CACHED_FOR)
        self._known.pop(principal.token, None)
        self._known[principal.token] = (until, principal)

    def _forget(self) -> None:
        self._known.clear()


def bearer(header: bytes | None) -> str | None:
    """Return the token of an `Authorization` header; None if there is no header."""
    if header is None:
        return None
    scheme, _, token = header.partition(b" ")
    if scheme.lower() != b"bearer" or not 0 < len(token) <= _MAX_TOKEN or not token.isascii():
        raise InvalidTokenError
    return token.decode()


def _read_header(token: str) -> str:
    try:
        header = orjson.loads(urlsafe_b64decode(token.split(".", 1)[0].encode()))
        kid, algorithm, kind = header["kid"], header["alg"], header["typ"]
    except (ValueError, KeyError, TypeError):
        raise InvalidTokenError from None
    # A key that the token brings along, or an extension we do not know, is never looked at.
    if set(header) - {"kid", "alg", "typ"} or algorithm not in ALGORITHMS:
        raise InvalidTokenError
    if str(kind).lower() not in {"at+jwt", "application/at+jwt"}:
        raise InvalidTokenError
    if not (isinstance(kid, str) and _KID.fullmatch(kid)):
        raise InvalidTokenError
    return kid


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires, issued, start = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    for instant in (expires, issued, start):
        if isinstance(instant, bool) or not isinstance(instant, int | float):
            raise InvalidTokenError
    assert isinstance(expires, int | float)  # noqa: S101 -- for the type checker; just tested.
    assert isinstance(issued, int | float)  # noqa: S101
    if expires <= now - LEEWAY or issued > now + LEEWAY or start > now + LEEWAY:
        raise InvalidTokenError
    if not 0 < expires - issued <= MAX_LIFETIME:
        raise InvalidTokenError


def _is_for(claims: dict[str, Any], audience: str) -> bool:
    return claims.get("aud") in (audience, [audience])
