"""What tests of every member need: an issuer of tokens and a client of an application."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.types import ASGIApp, Message

from komuna_shared.tokens import SIGNATURES

ISSUER = "http://127.0.0.1:8100"


class Issuer:
    """Signs access tokens with a key of its own."""

    def __init__(self, url: str = ISSUER) -> None:
        self.url = url
        self.key = OKPKey.generate_key(
            "Ed25519", {"kid": uuid4().hex, "alg": "EdDSA", "use": "sig"}
        )

    def jwks(self) -> bytes:
        """Return the public key set."""
        return orjson.dumps({"keys": [self.key.as_dict(private=False)]})

    def jwks_file(self, path: Path) -> str:
        """Write the public key set to a file and return its `file://` address."""
        path.write_bytes(self.jwks())
        return path.as_uri()

    def token(self, sub: str, /, scopes: Iterable[str] = (), **overrides: Any) -> str:
        """Return a token for ten minutes; an override of None leaves a claim out."""
        now = int(time.time())
        header = {"alg": "EdDSA", "typ": "at+jwt", "kid": self.key.kid}
        header |= overrides.pop("header", {})
        claims = {
            "iss": self.url,
            "sub": sub,
            "aud": "komuna",
            "client_id": "tests",
            "scope": " ".join(scopes),
            "iat": now,
            "exp": now + 600,
            "jti": uuid4().hex,
        } | overrides
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, kept, self.key, registry=SIGNATURES)

    def service_token(self, client_id: str, scopes: Iterable[str]) -> str:
        """Return the token of a service that speaks for itself."""
        return self.token(client_id, scopes, client_id=client_id)


@asynccontextmanager
async def asgi_client(
    app: ASGIApp, base_url: str = "http://testserver", **options: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """Run an application's lifespan and give a client that speaks to it without a socket."""
    async with running(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=base_url, **options) as client:
            yield client


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[None]:
    """Run the lifespan of an application around a block."""
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.ensure_future(app(scope, to_app.get, from_app.put))
    await to_app.put({"type": "lifespan.startup"})
    await _expect(from_app, "lifespan.startup.complete")
    try:
        yield
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        await _expect(from_app, "lifespan.shutdown.complete")
        await task


async def _expect(messages: Any, wanted: str) -> None:
    message = await messages.get()
    if message["type"] != wanted:
        raise RuntimeError(f"The application did not reach {wanted}.")
