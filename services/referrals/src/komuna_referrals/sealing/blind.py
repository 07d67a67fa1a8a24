"""Finding a person without reading anybody: a short keyed digest beside the sealed value.

A digest keeps 10 bits, so that it names no one: among n records a value meets n / 1024 others by
chance (4 among 4,096; with few records fewer, and then the index tells almost as much as the
value to whoever has its key). What is found is opened and compared before anything is said.
Only a name with a birth year, a telephone and a personal number have one; a sex, a place or an
age has so few values that frequencies would give them away.
"""

import hmac
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .envelope import KEY_BYTES, join
from .spelling import fold_name, fold_number, fold_telephone

BITS = 10
_BYTES = -(-BITS // 8)
_SPARE = _BYTES * 8 - BITS

MATCH = "match"
"""The purpose of telling whether a person may have a case already."""


@dataclass(frozen=True)
class BlindIndex:
    """Digests of one purpose; each field has a key of its own, and other purposes have others."""

    root: bytes = field(repr=False)
    purpose: str = MATCH

    def name(self, first: str, last: str, birth_year: int) -> bytes:
        """Return the digest of a name and a birth year, whichever name was written first."""
        names = sorted(fold_name(one).encode() for one in (first, last))
        return self._digest("name", *names, str(birth_year).encode())

    def telephone(self, e164: str) -> bytes:
        """Return the digest of a telephone number."""
        return self._digest("telephone", fold_telephone(e164).encode())

    def personal_number(self, number: str) -> bytes:
        """Return the digest of a personal number."""
        return self._digest("personal_number", fold_number(number).encode())

    def _digest(self, name: str, *values: bytes) -> bytes:
        digest = hmac.digest(self._key(name), join(*values), "sha256")
        kept = int.from_bytes(digest[:_BYTES]) >> _SPARE
        return kept.to_bytes(_BYTES)

    def _key(self, name: str) -> bytes:
        info = join(b"komuna blind index", name.encode(), self.purpose.encode())
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self.root)
