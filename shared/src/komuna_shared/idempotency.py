"""The same request twice makes one thing: the key is stored in the transaction of the effect."""

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.access import Principal
from komuna_shared.database import sqlstate
from komuna_shared.errors import BadRequestError, ConflictError, RuleError
from komuna_shared.openapi_operations import DEMANDED
from komuna_shared.tables import idempotency_key

LIFETIME = timedelta(hours=24)
_KEY = re.compile(r"[A-Za-z0-9_-]{22,64}")
_LOCK_TIMEOUT = "55P03"
_HEADER = "Idempotency-Key"
_MEANING = "A `UUID` of yours: the same request under the same key is answered, not done again."
_SHAPE: dict[str, Any] = {"pattern": "^[A-Za-z0-9_-]{22,64}$"}
_EXAMPLE = "0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1"

_IS_KEY = [one == bindparam(f"its_{one.name}") for one in idempotency_key.primary_key.columns]
_FIND = select(idempotency_key).where(*_IS_KEY)
_ANSWER = update(idempotency_key).where(*_IS_KEY).values(resource_id=bindparam("made"))
_NEW = insert(idempotency_key)
# A twin waits here for the first one's commit, or takes over when that one vanished.
_CLAIM = _NEW.on_conflict_do_update(
    index_elements=list(idempotency_key.primary_key.columns),
    set_={name: _NEW.excluded[name] for name in ("fingerprint", "created_at", "resource_id")},
    where=idempotency_key.c.created_at < _NEW.excluded.created_at - LIFETIME,
).returning(idempotency_key.c.created_at)


class KeyRequiredError(BadRequestError):
    """A key is missing where one is needed."""

    code = "idempotency_key_required"
    detail = "This request needs the header `Idempotency-Key`."


class KeyInvalidError(BadRequestError):
    """The key is no UUID and not 22 to 64 URL-safe characters."""

    code = "idempotency_key_invalid"
    detail = "`Idempotency-Key` must be a `UUID` or 22 to 64 of the characters `A-Z a-z 0-9 _ -`."


class MismatchError(RuleError):
    """The key was used for another request."""

    code = "idempotency_mismatch"
    detail = "This `Idempotency-Key` was used for a different request."


class InFlightError(ConflictError):
    """The same request is being answered at this moment."""

    code = "idempotency_in_flight"
    detail = "The same request is being processed. Please ask again in a moment."


@dataclass(frozen=True)
class OnceKey:
    """Who sent which request under which key."""

    client_id: str
    subject: str
    route: str
    key_hash: bytes
    request: bytes

    def with_body(self, digest: str) -> "OnceKey":
        """Return the key of a request whose body was streamed and has this SHA-256."""
        seen = hashlib.sha256(self.request + digest.encode()).digest()
        return OnceKey(self.client_id, self.subject, self.route, self.key_hash, seen)


@dataclass(frozen=True)
class Made:
    """What the request made, now or when it came first."""

    id: str
    replayed: bool

    @property
    def headers(self) -> dict[str, str]:
        """The header that tells a replay."""
        return {"Idempotent-Replayed": "true"} if self.replayed else {}


def _read(request: Request) -> OnceKey | None:
    sent = request.headers.getlist("idempotency-key")
    if not sent:
        return None
    state: dict[str, Any] = request.scope.get("state", {})
    principal: Principal | None = state.get("principal")
    if len(sent) > 1 or not _is_key(sent[0], anonymous=principal is None):
        raise KeyInvalidError
    parts = (
        request.method,
        request.url.path,
        request.url.query,
        request.headers.get("if-match", ""),
        state.get("body_digest") or "",
    )
    return OnceKey(
        client_id=principal.client_id if principal else "",
        subject=f"{principal.issuer} {principal.subject}" if principal else "",
        route=f"{request.method} {state.get('route', request.url.path)}",
        key_hash=hashlib.sha256(sent[0].encode()).digest(),
        # With a key: a body may be a telephone number, which a bare hash in a dump gives away.
        request=hmac.digest(request.app.state.etag_key, "\n".join(parts).encode(), "sha256"),
    )


def _is_key(sent: str, *, anonymous: bool) -> bool:
    if not anonymous and _KEY.fullmatch(sent) is not None:
        return True
    try:
        return str(UUID(sent)) == sent.lower()
    except ValueError:
        return False


# The header is declared for the document and read from the request, where a twin would be seen.
_DECLARED: dict[str, Any] = {"alias": _HEADER, "description": _MEANING, "examples": [_EXAMPLE]}
_Sent = Annotated[str | None, Header(**_DECLARED, json_schema_extra=_SHAPE)]
_MustSend = Annotated[str | None, Header(**_DECLARED, json_schema_extra=_SHAPE | DEMANDED)]


async def read_key(request: Request, _: _Sent = None) -> OnceKey | None:
    """Return the request's key, or None where it has none."""
    return _read(request)


async def read_required_key(request: Request, _: _MustSend = None) -> OnceKey:
    """Return the request's key, or raise `KeyRequiredError`."""
    key = _read(request)
    if key is None:
        raise KeyRequiredError
    return key


Once = Annotated[OnceKey | None, Depends(read_key)]
RequiredOnce = Annotated[OnceKey, Depends(read_required_key)]


async def once(
    session: AsyncSession, key: OnceKey | None, make: Callable[[], Awaitable[str]]
) -> Made:
    """Call `make`, which returns the id of what it made, unless this request was answered before.

    Raises `MismatchError` for another request under the same key, and `InFlightError` when the
    first one is still running.
    """
    if key is None:
        return Made(await make(), replayed=False)
    if not await _claim(session, key):
        return await _replay(session, key)
    made = await make()
    await session.execute(_ANSWER, _is(key) | {"made": made})
    return Made(made, replayed=False)


async def _claim(session: AsyncSession, key: OnceKey) -> bool:
    row = {
        "client_id": key.client_id,
        "subject": key.subject,
        "route": key.route,
        "key_hash": key.key_hash,
        "fingerprint": key.request,
        "created_at": datetime.now(UTC),
    }
    try:
        return (await session.execute(_CLAIM, row)).first() is not None
    except DBAPIError as error:
        if sqlstate(error) == _LOCK_TIMEOUT:
            raise InFlightError(headers={"Retry-After": "1"}) from None
        raise


async def _replay(session: AsyncSession, key: OnceKey) -> Made:
    stored = (await session.execute(_FIND, _is(key))).one_or_none()
    if stored is None or stored.resource_id is None:
        raise InFlightError(headers={"Retry-After": "1"})
    if stored.fingerprint != key.request:
        raise MismatchError
    return Made(stored.resource_id, replayed=True)


def _is(key: OnceKey) -> dict[str, Any]:
    return {
        "its_client_id": key.client_id,
        "its_subject": key.subject,
        "its_route": key.route,
        "its_key_hash": key.key_hash,
    }
