"""The outermost layer: what every request passes before it reaches a service or a page."""

from dataclasses import dataclass
from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from komuna_gateway import upstreams
from komuna_gateway.cors import Cors
from komuna_gateway.exchange import Exchange
from komuna_gateway.journal import Journal
from komuna_gateway.proxy import Proxy
from komuna_gateway.quotas import QuotaError, Quotas, Spent, address_key, caller_key
from komuna_gateway.uploads import ClientGoneError
from komuna_shared import wire
from komuna_shared.access import Principal
from komuna_shared.errors import ServiceError, UnauthorizedError
from komuna_shared.logging import error_of, log
from komuna_shared.metrics import Metrics
from komuna_shared.tokens import Verifier, bearer

# Whoever watches over the gateway may look as often as they like.
UNCOUNTED = frozenset({b"/livez", b"/readyz"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What the door decides by."""

    verifier: Verifier
    quotas: Quotas
    cors: Cors
    journal: Journal
    metrics: Metrics
    public_url: str


class Door:
    """Checks, counts and leads on; the proxy comes before any framework sees the request."""

    def __init__(self, proxy: Proxy, house: ASGIApp, rules: Rules) -> None:
        self._proxy = proxy
        self._house = house
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request whatever happens."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._house(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send)
        try:
            await self._answer(exchange)
        except ServiceError as error:
            await self._refuse(exchange, error)
        except ClientGoneError:
            exchange.code = "client_gone"
        except Exception as failure:  # noqa: BLE001 -- the last line of defence answers everything.
            log.error("unhandled", trace_id=exchange.trace_id, **error_of(failure))
            await self._refuse(exchange, ServiceError())
        self._record(exchange)
        if exchange.is_held:
            await exchange.let_go()

    async def _answer(self, exchange: Exchange) -> None:
        scope = exchange.scope
        if b"origin" in exchange.given:
            self._greet_page(exchange)
        error = wire.check(scope)
        if error is not None:
            raise error
        path = scope["raw_path"]
        if scope["method"] == "OPTIONS" and _is_preflight(exchange):
            await self._preflight(exchange)
            return
        if path in UNCOUNTED:
            await self._show(exchange)
            return
        principal, token = None, bearer(exchange.given.get(b"authorization"))
        if token is not None:
            verifier = self._rules.verifier
            principal = verifier.cached(token) or await verifier.verify(token)
            exchange.principal = principal
        spent = await self._count(exchange, principal)
        route = upstreams.route(path.decode("ascii"), scope["method"])
        if route is None:
            await self._show(exchange)
        else:
            await self._forward(exchange, route, spent, _cap(exchange, route, principal))

    async def _forward(
        self, exchange: Exchange, route: upstreams.Route, spent: Spent, cap: int
    ) -> None:
        if cap == 0:
            raise UnauthorizedError
        exchange.route = route.upstream.name
        self._rules.quotas.begin(spent)
        try:
            await self._proxy.forward(exchange, route, cap)
        finally:
            self._rules.quotas.end(spent)

    async def _count(self, exchange: Exchange, principal: Principal | None) -> Spent:
        quotas = self._rules.quotas
        if principal is not None:
            policy, key = quotas.verified, caller_key(principal)
        else:
            # What a caller says of themselves without proof is not even looked at.
            policy = quotas.open_body if exchange.has_body else quotas.address
            key = address_key(exchange.scope["client"])
        exchange.spent = spent = await quotas.spend(policy, key)
        if spent.remaining < 0:
            spent.remaining = 0
            raise QuotaError(retry_after=spent.seconds)
        return spent

    async def _show(self, exchange: Exchange) -> None:
        scope = dict(exchange.scope, state={**exchange.scope.get("state", {})})
        scope["state"]["trace_id"] = exchange.trace_id
        if scope["method"] == "HEAD":
            # The server goes on seeing HEAD and leaves the body out.
            scope["method"] = "GET"
        await self._house(scope, exchange.receive, exchange.send_own)
        exchange.route = scope["state"].get("route", "unmatched")

    async def _preflight(self, exchange: Exchange) -> None:
        given = exchange.given
        origin, method = given[b"origin"], given[b"access-control-request-method"]
        exchange.cors = self._rules.cors.preflight(origin, method)
        await exchange.start(204, [])
        await exchange.send({"type": "http.response.body", "body": b""})

    def _greet_page(self, exchange: Exchange) -> None:
        has_token = b"authorization" in exchange.given
        exchange.cors = self._rules.cors.headers(exchange.given[b"origin"], has_token=has_token)

    async def _refuse(self, exchange: Exchange, error: ServiceError) -> None:
        exchange.code = error.code
        if exchange.status:
            return  # The head is out: the server cuts an answer that was not completed.
        if exchange.spent is None and exchange.scope["raw_path"] not in UNCOUNTED:
            try:
                await self._count(exchange, None)
            except QuotaError as used_up:
                error = used_up
        await exchange.refuse(error, self._rules.public_url)

    def _record(self, exchange: Exchange) -> None:
        seconds = perf_counter() - exchange.started
        method = exchange.scope["method"]
        method = method if method in wire.METHODS else "other"
        self._rules.metrics.observe(exchange.route, method, exchange.status, seconds)
        self._rules.journal.note(exchange, method, seconds)


def _cap(exchange: Exchange, route: upstreams.Route, principal: Principal | None) -> int:
    """Return how large a body may be; 0 where there may be none without a token."""
    if principal is not None or not exchange.has_body:
        return route.reach.body
    return upstreams.open_body(route, exchange.scope["method"])


def _is_preflight(exchange: Exchange) -> bool:
    """Tell a browser that asks first from whoever merely asks: the address answers those."""
    given = exchange.given
    return b"origin" in given and b"access-control-request-method" in given
