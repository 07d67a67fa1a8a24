"""Calls to other services, on real sockets: in time, once, and not at all while they are down."""

import asyncio

import pytest

from komuna_shared import http
from komuna_shared.http import (
    ClientCredentials,
    RefusedError,
    ServiceClient,
    UpstreamUnavailableError,
)
from tests.shared.requests.sockets import Upstream, running

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}'


class TestGet:
    async def test_returns_what_the_other_says(self) -> None:
        async with running(Upstream(OK)) as upstream, ServiceClient(upstream.url) as client:
            assert await client.get("/v1/x", params={"q": "a b"}, token="t") == {"a": 1}

        assert upstream.heads == {b"GET /v1/x?q=a+b HTTP/1.1": 1}
        assert b"\r\nauthorization: Bearer t\r\n" in upstream.asked[0].replace(b"Auth", b"auth")

    async def test_keeps_its_total_deadline_while_an_answer_drips(self) -> None:
        upstream = Upstream(OK)
        upstream.drips = True
        async with running(upstream), ServiceClient(upstream.url, deadline=0.4) as client:
            began = asyncio.get_running_loop().time()
            with pytest.raises(UpstreamUnavailableError):
                await client.get("/v1/x")

            assert asyncio.get_running_loop().time() - began < 2

    async def test_asks_again_once_when_the_connection_breaks(self) -> None:
        async with running(Upstream(b"", OK)) as upstream, ServiceClient(upstream.url) as client:
            assert await client.get("/v1/x") == {"a": 1}

        assert len(upstream.asked) == 2

    async def test_asks_no_third_time(self) -> None:
        async with running(Upstream(b"")) as upstream, ServiceClient(upstream.url) as client:
            with pytest.raises(UpstreamUnavailableError):
                await client.get("/v1/x")

        assert len(upstream.asked) == 2

    async def test_follows_no_redirect(self) -> None:
        moved = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
        async with running(Upstream(moved)) as upstream, ServiceClient(upstream.url) as client:
            with pytest.raises(RefusedError) as refused:
                await client.get("/v1/x")

        assert refused.value.status == 302
        assert len(upstream.asked) == 1

    async def test_ignores_proxies_of_the_environment(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
        async with running(Upstream(OK)) as upstream, ServiceClient(upstream.url) as client:
            assert await client.get("/v1/x") == {"a": 1}

    async def test_passes_refusals_on_by_status_and_code(self) -> None:
        body = b'{"code": "licence_expired", "detail": "no"}'
        refusal = b"HTTP/1.1 409 Conflict\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        async with running(Upstream(refusal)) as upstream, ServiceClient(upstream.url) as client:
            with pytest.raises(RefusedError) as refused:
                await client.get("/v1/x")

        assert (refused.value.status, refused.value.code) == (409, "licence_expired")

    @pytest.mark.parametrize("path", ["/v1/../admin", "/v1//x", "//elsewhere/x", "/v1/x?a=b", "x"])
    async def test_goes_nowhere_else(self, path: str) -> None:
        async with running(Upstream(OK)) as upstream, ServiceClient(upstream.url) as client:
            with pytest.raises(RefusedError):
                await client.get(path)

        assert upstream.asked == []

    async def test_takes_nonsense_for_a_failure(self) -> None:
        nonsense = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\noops"
        async with running(Upstream(nonsense)) as upstream, ServiceClient(upstream.url) as client:
            with pytest.raises(UpstreamUnavailableError):
                await client.get("/v1/x")


class TestPost:
    async def test_carries_its_idempotency_key(self) -> None:
        async with running(Upstream(OK)) as upstream, ServiceClient(upstream.url) as client:
            await client.post("/v1/x", {"b": 2}, key="0123456789abcdef012345")

        assert b"idempotency-key: 0123456789abcdef012345" in upstream.asked[0].lower()


class TestCircuit:
    async def test_opens_and_lets_one_call_try_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        failing = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
        async with running(Upstream(failing)) as upstream, ServiceClient(upstream.url) as client:
            for _ in range(8):
                with pytest.raises(UpstreamUnavailableError):
                    await client.get("/v1/x")
            assert len(upstream.asked) == 10

            monkeypatch.setattr(http, "_STAYS_OPEN", 0.0)
            upstream.answers = [OK]
            assert await client.get("/v1/x") == {"a": 1}
            monkeypatch.undo()
            assert await client.get("/v1/x") == {"a": 1}


class TestClientCredentials:
    async def test_are_exchanged_once_and_again_after_a_refusal(self) -> None:
        granted = b'{"access_token": "abc", "expires_in": 600}'
        token = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(granted), granted)
        denied = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"
        async with running(Upstream(token)) as idp, running(Upstream(OK, OK, denied, OK)) as other:
            credentials = ClientCredentials(f"{idp.url}/token", "indicators", "s", "service.x.read")
            async with ServiceClient(other.url, credentials=credentials) as client:
                await client.get("/v1/x")
                await client.get("/v1/x")
                assert len(idp.asked) == 1
                with pytest.raises(RefusedError):
                    await client.get("/v1/x")
                await client.get("/v1/x")

        assert len(idp.asked) == 2
        assert b"bearer abc" in other.asked[0].lower()
