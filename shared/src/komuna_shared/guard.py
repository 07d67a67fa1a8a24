"""Decides about a request before FastAPI sees it: route, caller, parameters, format, body."""

from functools import lru_cache
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from komuna_shared.access import Access, Principal
from komuna_shared.bodies import admit
from komuna_shared.errors import (
    BadRequestError,
    FieldError,
    ForbiddenError,
    NotAcceptableError,
    ServiceError,
    UnauthorizedError,
)
from komuna_shared.languages import is_known, negotiate
from komuna_shared.routing import Route, RouteTable
from komuna_shared.tokens import Verifier, bearer


class UnknownParameterError(BadRequestError):
    """A query parameter that this route does not have."""

    code = "unknown_parameter"
    detail = "The query has a parameter that this address does not know."


class RepeatedParameterError(BadRequestError):
    """A query parameter given twice that has one value."""

    code = "repeated_parameter"
    detail = "The query gives a parameter twice that has only one value."


class UnknownLanguageError(BadRequestError):
    """`lang` names a language that we do not speak."""

    code = "unknown_language"
    detail = "The languages here are `sq`, `sr-Latn`, `sr-Cyrl`, and `en`."


class InsufficientScopeError(ForbiddenError):
    """The token does not carry what the route needs."""

    code = "insufficient_scope"
    detail = "The access token lacks a scope that this address needs: {scopes}."


class ServiceTokenError(ForbiddenError):
    """A service speaks for itself where a person must, or the other way round."""

    code = "wrong_kind_of_token"
    detail = "This address is for the other kind of caller: a person, or a service."


class AccessLayer:
    """A pure ASGI layer; what it lets through has a route, a caller and a sound body."""

    def __init__(self, app: ASGIApp, table: RouteTable, verifier: Verifier) -> None:
        self._app = app
        self._table = table
        self._verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or raise a `ServiceError` for the boundary to answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope["state"]
        headers: dict[bytes, bytes] = dict(scope["headers"])
        accept = headers.get(b"accept-language")
        state["language"] = negotiate(accept and accept.decode("latin-1"))
        raw = scope["query_string"]
        query = parse_qsl(raw.decode(), keep_blank_values=True) if raw else []
        language_error = _choose_language(scope, query) if query else None
        route = self._table.resolve(scope["path"], scope["method"])
        state["route"], state["access"] = route.template, route.access
        state["principal"] = await self._identify(route.access, headers)
        if language_error is not None:
            raise language_error
        if query:
            _check_parameters(route, query)
        _check_accept(route, headers.get(b"accept"))
        await self._app(scope, await admit(scope, receive, headers, route.access), send)

    async def _identify(self, access: Access, headers: dict[bytes, bytes]) -> Principal | None:
        token = bearer(headers.get(b"authorization"))
        if token is None:
            if access.is_public:
                return None
            raise UnauthorizedError
        principal = self._verifier.cached(token) or await self._verifier.verify(token)
        if access.is_public:
            return principal
        if principal.is_service != access.is_for_services:
            raise ServiceTokenError
        if not principal.scopes.issuperset(access.scopes):
            raise _insufficient(access)
        return principal


def _insufficient(access: Access) -> ServiceError:
    needed = " ".join(access.scopes)
    challenge = f'Bearer realm="komuna", error="insufficient_scope", scope="{needed}"'
    return InsufficientScopeError(scopes=needed, headers={"www-authenticate": challenge})


def _choose_language(scope: Scope, query: list[tuple[str, str]]) -> ServiceError | None:
    named = next((value for name, value in query if name == "lang"), None)
    if named is None:
        return None
    if not is_known(named):
        return UnknownLanguageError()
    scope["state"]["language"] = negotiate(None, named)
    return None


def _check_parameters(route: Route, query: list[tuple[str, str]]) -> None:
    seen: set[str] = set()
    for name, _ in query:
        if name not in route.parameters:
            known = ", ".join(f"`{one}`" for one in sorted(route.parameters))
            error = FieldError("/query", "unknown_parameter", params={"known": known})
            raise UnknownParameterError(errors=(error,))
        if name in seen and name not in route.repeatable:
            error = FieldError(f"/query/{name}", "repeated_parameter")
            raise RepeatedParameterError(errors=(error,))
        seen.add(name)


def _check_accept(route: Route, accept: bytes | None) -> None:
    # A route with several formats decides for itself, with what `format` says.
    if accept is None or route.media_type is None or "format" in route.parameters:
        return
    if not accepts(accept, route.media_type):
        raise NotAcceptableError(offered=route.media_type)


@lru_cache(maxsize=512)
def accepts(accept: bytes, media_type: str) -> bool:
    """Tell whether an `Accept` header allows a media type."""
    kind = media_type.partition("/")[0]
    allowed = {media_type: 3, f"{kind}/*": 2, "*/*": 1}
    best, weight = 0, 0.0
    for part in accept.decode("latin-1").lower().split(","):
        named, *parameters = (one.strip() for one in part.split(";"))
        if allowed.get(named, 0) > best:
            best, weight = allowed[named], _weight(parameters)
    return weight > 0


def _weight(parameters: list[str]) -> float:
    for one in parameters:
        if one.startswith("q="):
            try:
                return float(one[2:])
            except ValueError:
                return 0.0
    return 1.0
