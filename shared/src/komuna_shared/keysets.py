"""The issuer's public keys: fetched off the request's path, kept fresh, never trusted too long."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import httpx
import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from komuna_shared.errors import UnavailableError
from komuna_shared.logging import error_of, log

REFRESH_EVERY = 300.0
STALE_AFTER = 3600.0
UNKNOWN_KID_EVERY = 10.0
_RETRY_EVERY = 1.0
_MAX_BYTES = 65_536
_MAX_KEYS = 16
_DEADLINE = 3.0

Key = ECKey | OKPKey


class KeySetSource:
    """The keys behind one address."""

    def __init__(self, url: str, *, on_change: Callable[[], None]) -> None:
        self._url = url
        self._on_change = on_change
        self._keys: dict[str, Key] = {}
        self._published: Any = None
        self._loaded_at = 0.0
        self._tried_at = -UNKNOWN_KID_EVERY
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_loaded(self) -> bool:
        """Tell whether there are keys young enough to be trusted."""
        return bool(self._keys) and time.monotonic() - self._loaded_at < STALE_AFTER

    async def start(self) -> None:
        """Load the keys once, then go on in the background; a failure is retried there."""
        await self._refresh()
        self._task = asyncio.create_task(self._keep_fresh())

    async def close(self) -> None:
        """Stop the background refresh."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def get(self, kid: str) -> Key | None:
        """Return the key, asking the issuer once in a while for one that is not known."""
        if kid not in self._keys or not self.is_loaded:
            async with self._lock:
                # Unknown names are free to invent: they must not become a stream of fetches.
                if time.monotonic() - self._tried_at >= UNKNOWN_KID_EVERY:
                    await self._refresh()
        if not self.is_loaded:
            raise UnavailableError
        return self._keys.get(kid)

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_EVERY if self.is_loaded else _RETRY_EVERY)
            await self._refresh()

    async def _refresh(self) -> None:
        self._tried_at = time.monotonic()
        try:
            async with asyncio.timeout(_DEADLINE):
                published = orjson.loads(await _fetch(self._url))
            keys = _read(published)
        except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError, JoseError) as failure:
            log.warning("keys_not_refreshed", **error_of(failure))
            return
        self._loaded_at = time.monotonic()
        if published != self._published:
            self._keys, self._published = keys, published
            self._on_change()


async def _fetch(url: str) -> bytes:
    parts = urlsplit(url)
    if parts.scheme == "file":
        body = await asyncio.to_thread(Path(url2pathname(parts.path)).read_bytes)
    else:
        async with (
            httpx.AsyncClient(trust_env=False, follow_redirects=False) as client,
            client.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > _MAX_BYTES:
                    break
    if len(body) > _MAX_BYTES:
        raise ValueError("The key set is too large.")
    return body


def _read(published: Any) -> dict[str, Key]:
    keys: dict[str, Key] = {}
    for one in published["keys"][:_MAX_KEYS]:
        if one.get("use", "sig") != "sig":
            continue
        if one.get("kty") == "OKP" and one.get("crv") == "Ed25519":
            keys[one["kid"]] = OKPKey.import_key(one)
        elif one.get("kty") == "EC" and one.get("crv") == "P-256":
            keys[one["kid"]] = ECKey.import_key(one)
    if not keys:
        raise ValueError("The key set has no key that we use.")
    return keys
