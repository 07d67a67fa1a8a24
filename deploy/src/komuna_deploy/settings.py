"""What the operator sets for the whole of Komuna, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import UsageError

SERVICES = ("registry", "indicators", "referrals")
KEYSTORE = "keystore"
# The embedded server of the three services, beside that of the keys.
MAIN = "main"

_LAST_OFFSET = 25
_CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Ports:
    """Where everything listens on loopback, counted from one number."""

    base: int

    @property
    def gateway(self) -> int:
        """The public door."""
        return self.base

    @property
    def issuer(self) -> int:
        """Development tokens."""
        return self.base + 20

    def service(self, name: str) -> int:
        """One service behind the gateway."""
        return self.base + 21 + SERVICES.index(name)

    @property
    def postgres(self) -> int:
        """The embedded database."""
        return self.base + 24

    @property
    def keystore(self) -> int:
        """The embedded keystore."""
        return self.base + _LAST_OFFSET


@dataclass(frozen=True)
class Settings:
    """The operator's choices; every one has a default that works on a bare machine."""

    home: Path
    ports: Ports
    log_level: str
    production: bool
    # Administrator's addresses by the name of a service or "keystore"; absent means embedded.
    databases: Mapping[str, str]

    @property
    def public_url(self) -> str:
        """The gateway as clients see it."""
        return f"http://localhost:{self.ports.gateway}"

    @property
    def issuer_url(self) -> str:
        """The development issuer, which is also the `iss` of its tokens."""
        return f"http://127.0.0.1:{self.ports.issuer}"

    def service_url(self, name: str) -> str:
        """One service, for the gateway and its peers."""
        return f"http://127.0.0.1:{self.ports.service(name)}"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the operator's choices, or raise `UsageError` naming the variable that is wrong."""
    home = environment.get("KOMUNA_HOME") or _default_home()
    return Settings(
        home=Path(home).absolute(),
        ports=Ports(_port_base(environment.get("KOMUNA_PORT_BASE", "8080"))),
        log_level=environment.get("KOMUNA_LOG_LEVEL", "INFO").upper(),
        production=environment.get("KOMUNA_ENVIRONMENT", "development") == "production",
        databases=_databases(environment),
    )


def _default_home() -> Path:
    # Installed without its checkout, the command keeps its data where it is called.
    root = _CHECKOUT if (_CHECKOUT / "docker-compose.yml").exists() else Path.cwd()
    return root / ".komuna"


def _port_base(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65_535 - _LAST_OFFSET:
        raise UsageError(
            "KOMUNA_PORT_BASE is not a usable port.",
            f"Set it to a number from 1024 to {65_535 - _LAST_OFFSET}, for example 18080.",
        )
    return int(text)


def _databases(environment: Mapping[str, str]) -> dict[str, str]:
    everyone = environment.get("DATABASE_URL", "")
    chosen = {
        name: environment.get(f"KOMUNA_{name.upper()}_DATABASE_URL") or everyone
        for name in SERVICES
    }
    # Never the shared server: a backup of it would hold the keys beside what they lock.
    chosen[KEYSTORE] = environment.get("KOMUNA_KEYSTORE_DATABASE_URL", "")
    return {name: _plain(url) for name, url in chosen.items() if url}


def _plain(url: str) -> str:
    for prefix in ("postgresql+asyncpg://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql://" + url.removeprefix(prefix)
    return url
