"""What a root key must look like, so that no word, pattern or example is taken for one."""

import base64
import binascii
from itertools import pairwise

from komuna_referrals.sealing.envelope import KEY_BYTES
from komuna_shared.settings import UnsafeSettingsError

_LENGTH = 43  # Base64url without padding, as `secrets.token_urlsafe(32)` writes 32 bytes.
_FEWEST_DIFFERENT = 20  # Of 32 random bytes, fewer than 20 differ once in 10**9 keys.


def read_root_key(variable: str, text: str) -> bytes:
    """Return the 32 bytes that a text stands for, or raise without ever repeating it."""
    key = _decoded(text)
    if len(text) != _LENGTH or key is None or len(key) != KEY_BYTES or _encoded(key) != text:
        raise UnsafeSettingsError(f"{variable}: 32 random bytes as base64url, 43 characters.")
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    if len(set(key)) < _FEWEST_DIFFERENT or len(steps) < _FEWEST_DIFFERENT // 2:
        raise UnsafeSettingsError(f"{variable}: too regular to be random.")
    if key.isascii() and key.decode("ascii").isprintable():
        raise UnsafeSettingsError(f"{variable}: this is readable text, not random bytes.")
    return key


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def _encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode("ascii").rstrip("=")
