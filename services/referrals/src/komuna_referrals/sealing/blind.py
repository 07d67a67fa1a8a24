"""Finding a person without reading anybody: a short keyed digest beside the sealed value.

A digest keeps 16 bits, so that it names nobody even to whoever holds its key and tries every
name: of the 1.6 million people of the country some 24 share each value. Among n records a search
meets n / 65,536 strangers by chance (1.5 in a hundred searches among 1,000 records). Records of
other institutions are not opened to tell them apart, since the wall would need a gap for that; so
what is found is a possibility, and only the owner of the case can say more.
Only a name with a birth year, a telephone and a personal number have a digest; a sex, a place or
an age has so few values that their frequencies would give them away.
"""

import hmac
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .envelope import KEY_BYTES, join
from .spelling import fold_name, fold_number, fold_telephone

BITS = 16

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
        return hmac.digest(self._key(name), join(*values), "sha256")[: BITS // 8]

    def _key(self, name: str) -> bytes:
        info = join(b"komuna blind index", name.encode(), self.purpose.encode())
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self.root)
