"""How one service calls another: within a deadline, and not at all while it is down."""

import asyncio
import time
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from komuna_shared.errors import UnavailableError
from komuna_shared.logging import error_of, log
from komuna_shared.wire import is_path

_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_OPENS_AFTER = 5
_STAYS_OPEN = 5.0
_RENEW_BEFORE = 30.0


class UpstreamUnavailableError(UnavailableError):
    """A service that we depend on does not answer."""

    code = "upstream_unavailable"
    detail = "A service that this depends on does not answer. Try again later."


class RefusedError(Exception):
    """The other service understood the call and refused it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Circuit:
    """Stops calling what failed several times in a row; then one call tries again."""

    def __init__(self) -> None:
        self._failures = 0
        self._opened_at = 0.0

    def check(self) -> None:
        """Raise while the upstream is given time to recover."""
        if self._failures < _OPENS_AFTER:
            return
        if time.monotonic() - self._opened_at < _STAYS_OPEN:
            raise UpstreamUnavailableError
        # This call is the probe: others wait for its outcome.
        self._opened_at = time.monotonic()

    def record(self, *, failed: bool) -> None:
        """Take note of how a call ended."""
        self._failures = self._failures + 1 if failed else 0
        if self._failures == _OPENS_AFTER:
            self._opened_at = time.monotonic()


class ClientCredentials:
    """A service's own token, fetched when needed."""

    def __init__(self, token_url: str, client_id: str, client_secret: str, scope: str) -> None:
        self._url = token_url
        self._form = {"grant_type": "client_credentials", "scope": scope}
        self._auth = httpx.BasicAuth(client_id, client_secret)
        self._token = ""
        self._renew_at = 0.0
        self._lock = asyncio.Lock()

    async def token(self, client: httpx.AsyncClient) -> str:
        """Return a token that is good for a while."""
        async with self._lock:
            if time.monotonic() >= self._renew_at:
                answer = await client.post(self._url, data=self._form, auth=self._auth)
                answer.raise_for_status()
                granted = answer.json()
                self._token = granted["access_token"]
                self._renew_at = time.monotonic() + granted["expires_in"] - _RENEW_BEFORE
        return self._token

    def forget(self) -> None:
        """Fetch a new token for the next call, since this one was not taken."""
        self._renew_at = 0.0


class ServiceClient:
    """Calls one other service."""

    def __init__(
        self,
        base_url: str,
        *,
        credentials: ClientCredentials | None = None,
        deadline: float = 2.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base = httpx.URL(base_url)
        self._credentials = credentials
        self._deadline = deadline
        self._circuit = Circuit()
        # trust_env=False: a proxy named in the environment must not see our calls.
        self._client = httpx.AsyncClient(
            trust_env=False, follow_redirects=False, timeout=deadline, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def get(
        self, path: str, *, params: Mapping[str, Any] | None = None, token: str | None = None
    ) -> Any:
        """Return what the other service answers; `token` passes a user's own one on."""
        return await self._call("GET", path, {"params": params}, token)

    async def post(self, path: str, body: Any, *, key: str, token: str | None = None) -> Any:
        """Send `body` under an idempotency key and return the answer."""
        sent = {"json": body, "headers": {"idempotency-key": key}}
        return await self._call("POST", path, sent, token)

    async def _call(self, method: str, path: str, sent: dict[str, Any], token: str | None) -> Any:
        if not is_path(path.encode()):
            # An identifier of somebody's making must not lead to another address.
            raise RefusedError(404, "not_found")
        self._circuit.check()
        try:
            async with asyncio.timeout(self._deadline):
                answer = await self._send(method, path, sent, token)
            found = orjson.loads(answer.content) if answer.content else None
        except (httpx.HTTPError, TimeoutError, KeyError, ValueError) as failure:
            self._circuit.record(failed=True)
            log.warning("upstream_failed", upstream=self._base.host, **error_of(failure))
            raise UpstreamUnavailableError from None
        self._circuit.record(failed=False)
        if answer.is_success:
            return found
        if answer.status_code == HTTPStatus.UNAUTHORIZED and self._credentials is not None:
            self._credentials.forget()
        code = found.get("code") if isinstance(found, dict) else None
        raise RefusedError(answer.status_code, str(code or ""))

    async def _send(
        self, method: str, path: str, sent: dict[str, Any], token: str | None
    ) -> httpx.Response:
        headers = dict(sent.pop("headers", {}))
        may_repeat = method in _IDEMPOTENT or "idempotency-key" in headers
        if token is None and self._credentials is not None:
            token = await self._credentials.token(self._client)
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        url = self._base.copy_with(path=self._base.path.rstrip("/") + path)
        for attempt in (1, 2):
            is_last = attempt == 2 or not may_repeat  # noqa: PLR2004 -- twice is the rule.
            try:
                answer = await self._client.request(method, url, headers=headers, **sent)
            except httpx.TransportError:
                if is_last:
                    raise
                continue
            if is_last or not answer.is_server_error:
                break
        if answer.is_server_error:
            answer.raise_for_status()
        return answer
