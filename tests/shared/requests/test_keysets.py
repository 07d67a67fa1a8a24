"""The issuer's keys, fetched over HTTP and kept fresh."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from komuna_shared import keysets
from komuna_shared.errors import UnavailableError
from komuna_shared.keysets import KeySetSource
from komuna_shared.testing import Issuer
from tests.shared.requests.sockets import Upstream, running


def published(body: bytes, status: bytes = b"200 OK", more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, more, len(body), body)


@asynccontextmanager
async def loaded(*answers: bytes) -> AsyncIterator[tuple[KeySetSource, list[str]]]:
    changes: list[str] = []
    async with running(Upstream(*answers)) as upstream:
        source = KeySetSource(upstream.url, on_change=lambda: changes.append("changed"))
        await source.start()
        try:
            yield source, changes
        finally:
            await source.close()


class TestKeySetSource:
    async def test_loads_over_http(self) -> None:
        issuer = Issuer()

        async with loaded(published(issuer.jwks())) as (source, changes):
            assert source.is_loaded
            assert await source.get(str(issuer.key.kid)) is not None
            assert await source.get("unknown") is None
            assert changes == ["changed"]

    async def test_follows_a_rotation_in_the_background(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keysets, "REFRESH_EVERY", 0.05)
        old, new = Issuer(), Issuer()

        async with loaded(published(old.jwks()), published(new.jwks())) as (source, changes):
            async with asyncio.timeout(5):
                while len(changes) < 2:  # noqa: ASYNC110 -- as a reader would, from outside.
                    await asyncio.sleep(0.05)

            assert await source.get(str(new.key.kid)) is not None
            assert await source.get(str(old.key.kid)) is None

    async def test_keeps_what_it_has_while_the_issuer_is_down(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keysets, "REFRESH_EVERY", 0.05)
        issuer = Issuer()

        async with loaded(published(issuer.jwks()), published(b"", b"500 No")) as (source, _):
            await asyncio.sleep(0.3)

            assert await source.get(str(issuer.key.kid)) is not None

    async def test_trusts_nothing_too_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        issuer = Issuer()

        async with loaded(published(issuer.jwks())) as (source, _):
            monkeypatch.setattr(keysets, "STALE_AFTER", 0.0)

            assert not source.is_loaded
            with pytest.raises(UnavailableError):
                await source.get(str(issuer.key.kid))

    @pytest.mark.parametrize(
        "answer",
        [
            published(b"", b"302 Found", b"Location: http://127.0.0.1:1/\r\n"),
            published(b" " * 70_000 + Issuer().jwks()),
            published(b"[]"),
            published(b'{"keys": []}'),
            published(b'{"keys": [{"kty": "RSA", "kid": "r", "n": "AQAB", "e": "AQAB"}]}'),
            published(b"not json"),
        ],
        ids=["redirect", "huge", "list", "empty", "rsa", "text"],
    )
    async def test_takes_nothing_else(self, answer: bytes) -> None:
        async with loaded(answer) as (source, _):
            assert not source.is_loaded
