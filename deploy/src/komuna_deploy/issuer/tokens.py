"""Access tokens as RFC 9068 describes them."""

import secrets
import time
import warnings
from collections.abc import Iterable

from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey

AUDIENCE = "komuna"
LIFETIME = 600


def issue(key: OKPKey, *, issuer: str, subject: str, client: str, scopes: Iterable[str]) -> str:
    """Sign a token for one subject."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "sub": subject,
        "aud": AUDIENCE,
        "client_id": client,
        "scope": " ".join(sorted(scopes)),
        "iat": now,
        "exp": now + LIFETIME,
        "jti": secrets.token_urlsafe(16),
    }
    header = {"alg": "EdDSA", "typ": "at+jwt", "kid": key.kid}
    with warnings.catch_warnings():
        # The library prefers RFC 9864's newer name for the same signature; providers do not yet.
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.encode(header, claims, key, algorithms=["EdDSA"])
