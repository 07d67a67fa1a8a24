"""The outermost layer of every process: one shape of answer, one log line, nothing leaks."""

import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from komuna_shared import wire
from komuna_shared.errors import MethodNotAllowedError, ServiceError, UnavailableError
from komuna_shared.languages import negotiate
from komuna_shared.logging import error_of, log
from komuna_shared.metrics import Metrics
from komuna_shared.problems import problem, trace_id_of
from komuna_shared.settings import Settings

Endpoint = Callable[[Scope], Awaitable[tuple[int, str, bytes]]]

_TRACEPARENT = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_VARY = b"Accept, Accept-Language"
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class Boundary:
    """Wraps an ASGI application; `endpoints` are answered here, past every other layer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: Settings,
        metrics: Metrics | None = None,
        endpoints: Mapping[str, Endpoint] | None = None,
    ) -> None:
        self._app = app
        self._public_url = settings.public_url
        self._endpoints = dict(endpoints or {})
        self._free = settings.concurrency
        self.metrics = metrics or Metrics()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request whatever happens."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, send)
        try:
            error = await self._pass_on(exchange, receive)
        except ServiceError as failure:
            error = failure
        except Exception as failure:  # noqa: BLE001 -- the last line of defence answers everything.
            log.error("unhandled", trace_id=exchange.trace_id, **error_of(failure))
            error = as_service_error(failure)
        if error is not None and not exchange.status:
            await exchange.refuse(error, self._public_url)
            exchange.scope["state"]["code"] = error.code
        self._record(exchange)

    async def _pass_on(self, exchange: "Exchange", receive: Receive) -> ServiceError | None:
        scope = exchange.scope
        error = wire.check(scope)
        if error is not None:
            return error
        endpoint = self._endpoints.get(scope["path"])
        if endpoint is not None:
            scope["state"]["route"] = scope["path"]
            if scope["method"] != "GET":
                return MethodNotAllowedError(headers={"allow": "GET, HEAD"})
            await exchange.answer(*await endpoint(scope))
            return None
        if self._free <= 0:
            return UnavailableError(retry_after=1)
        self._free -= 1
        try:
            await self._app(scope, receive, exchange.send)
        finally:
            self._free += 1
        return None

    def _record(self, exchange: "Exchange") -> None:
        seconds = time.perf_counter() - exchange.started
        state = exchange.scope["state"]
        route = state.get("route", "unmatched")
        method = exchange.method if exchange.method in wire.METHODS else "other"
        self.metrics.observe(route, method, exchange.status, seconds)
        log.info(
            "request",
            trace_id=exchange.trace_id,
            route=route,
            method=method,
            status=exchange.status,
            ms=round(seconds * 1000, 2),
            **({"code": state["code"]} if "code" in state else {}),
        )


class Exchange:
    """One request and its answer, as the boundary sees them."""

    __slots__ = ("_raw_send", "method", "scope", "started", "status", "trace_id")

    def __init__(self, scope: Scope, send: Send) -> None:
        self.started = time.perf_counter()
        self.method: str = scope["method"]
        # HEAD is answered as GET without its body; the server must go on seeing HEAD.
        self.scope = dict(scope, method="GET") if self.method == "HEAD" else scope
        self._raw_send = send
        self.status = 0
        self.trace_id = _trace_id(scope)
        self.scope.setdefault("state", {})["trace_id"] = self.trace_id

    async def send(self, message: Message) -> None:
        """Pass a message of the answer on, completed with what every answer carries."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._complete(list(message.get("headers", ())))
        elif self.method == "HEAD" and message["type"] == "http.response.body":
            if message.get("more_body"):
                return
            message = {"type": "http.response.body", "body": b""}
        await self._raw_send(message)

    async def answer(self, status: int, media_type: str, body: bytes) -> None:
        """Send a whole answer."""
        headers = [
            (b"content-type", media_type.encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def refuse(self, error: ServiceError, public_url: str) -> None:
        """Send the problem document of an error."""
        status, headers, body = problem(
            error, language=self._language(), trace_id=self.trace_id, public_url=public_url
        )
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    def _language(self) -> str:
        chosen = self.scope["state"].get("language")
        if chosen is not None:
            return str(chosen)
        accept = dict(self.scope["headers"]).get(b"accept-language", b"")
        return negotiate(accept.decode("latin-1"))

    def _complete(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        given = dict(headers)
        headers.append((b"request-id", self.trace_id.encode()))
        if b"vary" not in given:
            headers.append((b"vary", _VARY))
        if b"content-language" not in given:
            headers.append((b"content-language", self._language().encode()))
        if b"cache-control" not in given:
            headers.append((b"cache-control", b"no-store"))
        headers.extend(_ALWAYS)
        return headers


def as_service_error(failure: BaseException) -> ServiceError:
    """Return what a caller may know of a failure that nobody foresaw."""
    state = str(getattr(getattr(failure, "orig", failure), "sqlstate", None) or "")
    # Connection trouble, exhausted resources, operator intervention: asking again may help.
    if state[:2] in {"08", "53", "57"} or isinstance(failure, (ConnectionError, TimeoutError)):
        return UnavailableError()
    return ServiceError()


def json_answer(status: int, value: object) -> tuple[int, str, bytes]:
    """Return what an endpoint of the boundary gives for a JSON object."""
    return status, "application/json", orjson.dumps(value)


def _trace_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"traceparent" and (found := _TRACEPARENT.fullmatch(value)):
            return trace_id_of(found[1].decode())
    return trace_id_of(secrets.token_hex(16))
