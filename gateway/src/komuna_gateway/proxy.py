"""Carry one request to its service and the answer back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import monotonic

from komuna_gateway.exchange import Exchange
from komuna_gateway.gate import Gate
from komuna_gateway.headers import forwarded, to_caller, to_upstream
from komuna_gateway.quotas import Quotas
from komuna_gateway.tickets import Tickets
from komuna_gateway.transport import (
    Answer,
    Outgoing,
    Transport,
    UpstreamError,
    UpstreamTimeoutError,
)
from komuna_gateway.uploads import ClientGoneError, Upload, Watch
from komuna_gateway.upstreams import Route
from komuna_shared.bodies import UnexpectedBodyError
from komuna_shared.errors import ServiceError, SlowRequestError, TooLargeError, UnavailableError

SAFE = frozenset({"GET", "HEAD"})
NOT_MODIFIED = 304
# After so many pieces the loop gets a turn, so that a caller who left is noticed.
PIECES_IN_A_ROW = 8


class BadGatewayError(ServiceError):
    """The service gave no answer that can be passed on."""

    status = 502
    code = "bad_gateway"
    title = "The service gave no usable answer"
    detail = "The service behind this address gave no usable answer. Try again in a moment."


class GatewayTimeoutError(ServiceError):
    """The service took too long."""

    status = 504
    code = "gateway_timeout"
    title = "The service took too long"
    detail = "The service behind this address did not answer in time. Try again in a moment."


# What a service said in a form that is not ours stays inside; its status is kept where it helps.
FAILURES = {503: UnavailableError, 504: GatewayTimeoutError}
FAILURE = 500


class Service:
    """One upstream as the proxy uses it: its connections and its places."""

    def __init__(self, transport: Transport, *, places: int) -> None:
        self.transport = transport
        self.gate = Gate(places)


class Proxy:
    """The way to the services."""

    def __init__(
        self, services: Mapping[str, Service], quotas: Quotas, tickets: Tickets | None
    ) -> None:
        self._services = services
        self._quotas = quotas
        self._tickets = tickets

    async def forward(self, exchange: Exchange, route: Route, cap: int) -> None:
        """Answer the request with what its service says, or raise a `ServiceError`."""
        service = self._services[route.upstream.name]
        upload = _upload(exchange, cap)
        outgoing = _outgoing(exchange, route, upload)
        if self._tickets is not None and route.upstream.takes_tickets:
            outgoing.headers.extend(self._tickets.stamp(exchange.principal, exchange.given))
        is_probe = service.gate.enter(monotonic())
        failed: bool | None = None
        try:
            # A call is not given up when its caller leaves before the head: pyreqwest would let
            # it run on, and its place would no longer be counted.
            answer = await _ask(service.transport, outgoing, upload)
            try:
                await self._relay(exchange, answer, upload)
            finally:
                await answer.close()
            failed = False
        except UpstreamTimeoutError:
            # A caller who sends or reads slowly uses up the time too: that must not shut the
            # service for everyone else.
            failed = True if upload is None and not exchange.status else None
            raise GatewayTimeoutError from None
        except UpstreamError:
            failed = True
            raise BadGatewayError from None
        finally:
            service.gate.leave(monotonic(), is_probe=is_probe, failed=failed)

    async def _relay(self, exchange: Exchange, answer: Answer, upload: Upload | None) -> None:
        status = answer.status
        if status >= FAILURE and not _is_problem(answer):
            failure = FAILURES.get(status, BadGatewayError)
            raise failure
        if upload is not None:
            exchange.is_unread = not upload.is_over
        if status == NOT_MODIFIED and exchange.spent is not None:
            await self._quotas.give_back(exchange.spent)
        await exchange.start(status, to_caller(answer.headers, status))
        if answer.is_short:
            # Mostly all of it is here at once, and watching for a caller who leaves costs more.
            piece = await answer.read()
            if answer.is_over:
                await exchange.send_last(piece)
                return
            await exchange.send({"type": "http.response.body", "body": piece, "more_body": True})
        await _relay_rest(exchange, answer, upload)


async def _relay_rest(exchange: Exchange, answer: Answer, upload: Upload | None) -> None:
    if upload is not None and not upload.is_over:
        # While the caller's own body arrives, it is there that leaving is noticed.
        await _copy(exchange, answer, answer.read)
        return
    watch = Watch(exchange.receive)
    try:
        await _copy(exchange, answer, partial(watch.read, answer.read))
    finally:
        watch.stop()


async def _copy(exchange: Exchange, answer: Answer, read: Callable[[], Awaitable[bytes]]) -> None:
    count = 0
    while piece := await read():
        if answer.is_over:
            await exchange.send_last(piece)
            return
        await exchange.send({"type": "http.response.body", "body": piece, "more_body": True})
        count += 1
        if count % PIECES_IN_A_ROW == 0:
            await asyncio.sleep(0)
    await exchange.send({"type": "http.response.body", "body": b""})


def _upload(exchange: Exchange, cap: int) -> Upload | None:
    if not exchange.has_body:
        return None
    if exchange.scope["method"] in SAFE:
        raise UnexpectedBodyError
    if exchange.body_length is not None and exchange.body_length > cap:
        raise TooLargeError(limit=cap)
    return Upload(exchange.receive, cap)


def _outgoing(exchange: Exchange, route: Route, upload: Upload | None) -> Outgoing:
    scope = exchange.scope
    query, client = scope["query_string"], scope["client"]
    address = client[0] if client else "unknown"
    headers = to_upstream(exchange.headers)
    headers += (
        ("forwarded", forwarded(address, scope["scheme"], exchange.given[b"host"])),
        ("traceparent", exchange.traceparent()),
        ("x-deadline-ms", route.reach.milliseconds),
    )
    target = f"{route.target}?{query.decode('ascii')}" if query else route.target
    body = None if upload is None else upload.pieces()
    return Outgoing(scope["method"], target, headers, route.reach.seconds, body)


async def _ask(transport: Transport, outgoing: Outgoing, upload: Upload | None) -> Answer:
    try:
        return await transport.send(outgoing)
    except UpstreamError as error:
        if upload is not None:
            _blame_caller(error, upload)
        if outgoing.method not in SAFE or isinstance(error, UpstreamTimeoutError):
            raise
    # The service may have closed a kept connection just as it was taken: reading twice is safe.
    return await transport.send(outgoing)


def _blame_caller(error: UpstreamError, upload: Upload) -> None:
    """Raise what the caller did, where that is why the call failed."""
    if upload.is_gone:
        raise ClientGoneError from None
    if upload.refusal is not None:
        raise upload.refusal from None
    if isinstance(error, UpstreamTimeoutError) and not upload.is_over:
        raise SlowRequestError from None


def _is_problem(answer: Answer) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"application/problem+json")
        for name, value in answer.headers
    )
