"""A key inside a key: the root key wraps those of institutions, which wrap those of cases."""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from komuna_referrals.sealing import DataKey, FieldClass, SealBrokenError
from komuna_referrals.sealing.envelope import AES_256_GCM, KEY_BYTES, NONCE_BYTES, VERSION, join

_HEAD = bytes((VERSION, AES_256_GCM))
_TEXT_AT = len(_HEAD) + NONCE_BYTES


def new_key() -> bytes:
    """Return a key that nobody knows."""
    return os.urandom(KEY_BYTES)


def wrap_institution_key(root: bytes, key: bytes, institution: str, version: int) -> bytes:
    """Return an institution's key as it is kept."""
    return _wrap(root, key, _of_institution(institution, version))


def unwrap_institution_key(root: bytes, wrapped: bytes, institution: str, version: int) -> bytes:
    """Return an institution's key, or raise `SealBrokenError` if it is not that one."""
    return _unwrap(root, wrapped, _of_institution(institution, version))


def wrap_data_key(kek: bytes, key: DataKey, case_id: UUID, institution: str) -> bytes:
    """Return the key of a case as it is kept for one institution."""
    return _wrap(kek, key.secret, _of_case(key.id, case_id, key.field_class, institution))


def unwrap_data_key(
    kek: bytes, wrapped: bytes, key_id: UUID, *, case_id: UUID, field_class: str, institution: str
) -> DataKey:
    """Return the key of a case, or raise `SealBrokenError` if it is another's."""
    secret = _unwrap(kek, wrapped, _of_case(key_id, case_id, field_class, institution))
    return DataKey(key_id, FieldClass(field_class), secret)


def _of_institution(institution: str, version: int) -> bytes:
    return join(b"keystore", b"institution_key", institution.encode(), version.to_bytes(4), _HEAD)


def _of_case(key_id: UUID, case_id: UUID, field_class: str, institution: str) -> bytes:
    owner = (key_id.bytes, case_id.bytes, field_class.encode(), institution.encode())
    return join(b"keystore", b"wrapped_key", *owner, _HEAD)


def _wrap(outer: bytes, key: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return _HEAD + nonce + AESGCM(outer).encrypt(nonce, key, bound_to)


def _unwrap(outer: bytes, wrapped: bytes, bound_to: bytes) -> bytes:
    if wrapped[: len(_HEAD)] != _HEAD:
        raise SealBrokenError
    try:
        return AESGCM(outer).decrypt(wrapped[len(_HEAD) : _TEXT_AT], wrapped[_TEXT_AT:], bound_to)
    except (InvalidTag, ValueError):
        raise SealBrokenError from None
