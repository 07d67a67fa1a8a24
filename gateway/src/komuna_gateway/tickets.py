"""What proves to a database that a verified caller stands behind a request: a signed ticket."""

import hashlib
import hmac
import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from time import time

import orjson

from komuna_shared.access import Principal

HEADER = "komuna-ticket"
AUDIENCE = "referrals"
SECONDS = 60
# What is no word of these goes into no ticket: the service refuses it by itself.
_PURPOSE = re.compile(r"[a-z_]{1,40}")
_INSTITUTION = re.compile(r"[a-z0-9-]{1,100}")


class Tickets:
    """Makes tickets with a key that the gateway has and no service."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        # The database knows the key by the same name.
        self._kid = hashlib.sha256(b"kid of " + self._key).hexdigest()[:16]

    def stamp(
        self, principal: Principal | None, given: Mapping[bytes, bytes]
    ) -> tuple[tuple[str, str], ...]:
        """Return the header that goes with a request, none where no person stands behind it."""
        if principal is None or principal.is_service:
            return ()
        institution = _word(given.get(b"acting-institution"), _INSTITUTION)
        if institution is None and b"acting-institution" in given:
            return ()
        purpose = _word(given.get(b"processing-purpose"), _PURPOSE)
        ticket = self.mint(
            principal.issuer, principal.subject, purpose=purpose, institution=institution
        )
        return ((HEADER, ticket),)

    def mint(
        self, issuer: str, subject: str, *, purpose: str | None, institution: str | None
    ) -> str:
        """Return a ticket: for whom, for what, as which institution, for one minute."""
        body = orjson.dumps(
            {
                "kid": self._kid,
                "iss": issuer,
                "sub": subject,
                "aud": AUDIENCE,
                "jti": os.urandom(12).hex(),
                "inst": institution,
                "purpose": purpose,
                "exp": int(time()) + SECONDS,
            }
        )
        mac = hmac.digest(self._key, body, "sha256").hex()
        return f"{urlsafe_b64encode(body).rstrip(b'=').decode()}.{mac}"


def _word(value: bytes | None, known: re.Pattern[str]) -> str | None:
    text = "" if value is None else value.decode("latin-1")
    return text if known.fullmatch(text) else None
