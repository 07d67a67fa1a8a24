"""Passwords as PostgreSQL keeps them, so that the password itself never travels or is logged."""

import base64
import hashlib
import hmac
import secrets

# Our passwords are 192 random bits: stretching them adds nothing and costs every connection.
_ROUNDS = 256


def verifier(password: str, *, salt: bytes | None = None, rounds: int = _ROUNDS) -> str:
    """Return the SCRAM-SHA-256 verifier of a password (RFC 5803)."""
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${rounds}:{_text(salt)}${_text(stored)}:{_text(server)}"


def new_password() -> str:
    """Return a password no one has to remember."""
    return secrets.token_urlsafe(24)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
