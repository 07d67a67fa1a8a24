"""Who may ask for tokens: our services, and the operator's command for personas."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from komuna_deploy.home import Home

# What each service may ask of its peers.
SERVICE_SCOPES: Mapping[str, frozenset[str]] = {
    "registry": frozenset({"service.assignments.read"}),
    "indicators": frozenset(
        {"service.assignments.read", "service.cubes.read", "service.notices.write"}
    ),
    "referrals": frozenset(
        {"service.assignments.read", "service.directory.read", "service.notices.write"}
    ),
}
COMMAND = "komuna-cli"


@dataclass(frozen=True)
class Client:
    """A client that has proved itself."""

    name: str
    scopes: frozenset[str]
    plays_personas: bool = False


def secret_name(client: str) -> str:
    """Return the name under which the data folder keeps a client's secret."""
    return f"client_{client}"


def make_secrets(home: Home) -> None:
    """Make the secrets that are not there yet."""
    for name in (*SERVICE_SCOPES, COMMAND):
        home.secret(secret_name(name))


def authenticate(home: Home, name: str, secret: str) -> Client | None:
    """Return the client if this is its secret."""
    if name not in SERVICE_SCOPES and name != COMMAND:
        return None
    known = home.secret(secret_name(name))
    if not hmac.compare_digest(known.encode(), secret.encode()):
        return None
    return Client(name, SERVICE_SCOPES.get(name, frozenset()), plays_personas=name == COMMAND)
