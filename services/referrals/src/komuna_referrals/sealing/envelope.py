"""The format of what is encrypted, fixed for good (docs/decisions/0016-sealed-columns.md)."""

import os
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from komuna_shared.errors import ServiceError

from .fields import FieldClass
from .padding import PaddingError, pad, unpad

SCHEMA = "referrals"
VERSION = 1
AES_256_GCM = 1
KEY_BYTES = 32
NONCE_BYTES = 12
_HEAD = bytes((VERSION, AES_256_GCM))
_NONCE_AT = len(_HEAD) + 16
_TEXT_AT = _NONCE_AT + NONCE_BYTES


class SealBrokenError(ServiceError):
    """What stands in a place was not sealed for it: moved, older, cut or changed."""

    code = "seal_broken"
    detail = "The stored value cannot be trusted, so it is not shown. Name the trace id."


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one case and field class; its bytes are in no text that is made of it."""

    id: UUID
    field_class: FieldClass
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ciphertext stands; anywhere else it does not open."""

    table: str
    column: str
    row_id: UUID
    row_version: int


def seal(key: DataKey, plaintext: bytes, place: Place) -> bytes:
    """Return a text encrypted for one version of one row's column."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key.secret).encrypt(nonce, pad(plaintext), _bound_to(place))
    return _HEAD + key.id.bytes + nonce + sealed


def unseal(key: DataKey, ciphertext: bytes, place: Place) -> bytes:
    """Return what was sealed with this key for this place, or raise `SealBrokenError`."""
    if ciphertext[:_NONCE_AT] != _HEAD + key.id.bytes:
        raise SealBrokenError
    nonce, sealed = ciphertext[_NONCE_AT:_TEXT_AT], ciphertext[_TEXT_AT:]
    try:
        return unpad(AESGCM(key.secret).decrypt(nonce, sealed, _bound_to(place)))
    except (InvalidTag, PaddingError, ValueError):
        raise SealBrokenError from None


def join(*parts: bytes) -> bytes:
    """Return parts, each after its length, so that no two lists of parts give the same bytes."""
    return b"".join(len(one).to_bytes(4) + one for one in parts)


def _bound_to(place: Place) -> bytes:
    return join(
        SCHEMA.encode(),
        place.table.encode(),
        place.column.encode(),
        place.row_id.bytes,
        place.row_version.to_bytes(8),
        bytes((AES_256_GCM,)),
    )
