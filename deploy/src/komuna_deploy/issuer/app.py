"""HTTP of the development issuer: metadata, keys, and one token endpoint."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from joserfc.jwk import OKPKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from komuna_deploy.errors import UsageError
from komuna_deploy.home import Home

from . import clients, keys, personas, tokens

PERSONA_GRANT = "urn:komuna:grant:persona"
_LARGEST_FORM = 8192
_LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Issuer:
    """What the issuer signs with and for whom."""

    url: str
    home: Home
    key: OKPKey


class OAuthError(Exception):
    """A refusal in the words of RFC 6749, section 5.2."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


def create_app(url: str, home: Home) -> Starlette:
    """Return the issuer whose tokens carry `url` as `iss`."""
    clients.make_secrets(home)
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", show_metadata),
            Route("/jwks.json", show_keys),
            Route("/token", issue_token, methods=["POST"]),
            Route("/readyz", show_ready),
        ],
        exception_handlers={OAuthError: _refused},
    )
    app.state.issuer = Issuer(url, home, keys.load_key(home))
    return app


async def show_metadata(request: Request) -> Response:
    """Describe the issuer to clients."""
    url = request.app.state.issuer.url
    return JSONResponse(
        {
            "issuer": url,
            "jwks_uri": f"{url}/jwks.json",
            "token_endpoint": f"{url}/token",
            "grant_types_supported": ["client_credentials", PERSONA_GRANT],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "token_endpoint_auth_signing_alg_values_supported": ["EdDSA"],
        }
    )


async def show_keys(request: Request) -> Response:
    """Give the public keys."""
    return JSONResponse(keys.public_keys(request.app.state.issuer.key))


async def show_ready(_: Request) -> Response:
    """Say that tokens can be had."""
    return JSONResponse({"status": "ready"})


async def issue_token(request: Request) -> Response:
    """Give a token to a client that proves itself."""
    if request.client is None or request.client.host not in _LOOPBACK:
        raise OAuthError("access_denied", 403)
    issuer: Issuer = request.app.state.issuer
    form = await _read_form(request)
    client = clients.authenticate(issuer.home, *_credentials(request, form))
    if client is None:
        raise OAuthError("invalid_client", 401)
    subject, scopes = _granted(client, form)
    token = tokens.issue(
        issuer.key, issuer=issuer.url, subject=subject, client=client.name, scopes=scopes
    )
    return JSONResponse(
        {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": tokens.LIFETIME,
            "scope": " ".join(sorted(scopes)),
        },
        headers={"Cache-Control": "no-store"},
    )


def _granted(client: clients.Client, form: Mapping[str, str]) -> tuple[str, frozenset[str]]:
    match form.get("grant_type"):
        case "client_credentials" if client.scopes:
            asked = frozenset(form.get("scope", "").split()) or client.scopes
            if not asked <= client.scopes:
                raise OAuthError("invalid_scope")
            return client.name, asked
        case "urn:komuna:grant:persona" if client.plays_personas:
            return _persona(form)
        case "client_credentials" | "urn:komuna:grant:persona":
            raise OAuthError("unauthorized_client")
        case _:
            raise OAuthError("unsupported_grant_type")


def _persona(form: Mapping[str, str]) -> tuple[str, frozenset[str]]:
    try:
        role = personas.find_role(form.get("role", ""))
        subject = personas.subject(
            role, municipality=form.get("municipality"), institution=form.get("institution")
        )
    except UsageError:
        raise OAuthError("invalid_request") from None
    return subject, role.scopes


async def _read_form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").split(";")[0] != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            raise OAuthError("invalid_request", 413)
    try:
        pairs = parse_qsl(body.decode("ascii"), strict_parsing=True, max_num_fields=20)
    except ValueError:
        raise OAuthError("invalid_request") from None
    if len(dict(pairs)) != len(pairs):
        raise OAuthError("invalid_request")
    return dict(pairs)


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client", 401) from None
    # RFC 6749, section 2.3.1: both parts are form-encoded first.
    return unquote_plus(name), unquote_plus(secret)


async def _refused(_: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, OAuthError) else 400
    headers = {"Cache-Control": "no-store"}
    if status == 401:  # noqa: PLR2004 -- HTTP's own number.
        headers["WWW-Authenticate"] = 'Basic realm="komuna"'
    return JSONResponse({"error": str(error)}, status_code=status, headers=headers)
