"""Which programs run, and what each is told through its environment."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from komuna_deploy.home import Home
from komuna_deploy.issuer.clients import secret_name
from komuna_deploy.secret_files import KEYS, TICKET_KEY
from komuna_deploy.settings import SERVICES, Settings

from .databases import Databases

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "SSL_CERT_FILE")
# The operator's own variables: an administrator's address is nothing for a service to know.
_WITHHELD = (
    "_DATABASE_URL",
    "KOMUNA_PORT_BASE",
    "KOMUNA_STATE_FOLDER",
    "KOMUNA_TICKET_KEY",
    "KOMUNA_TICKET_KEY_FILE",
)
# How letters leave is for the one worker that sends them.
_POST = ("KOMUNA_SMTP_", "KOMUNA_MAIL_")
PYTHON = (sys.executable, "-P", "-m")


@dataclass(frozen=True)
class Program:
    """One process to run: a Python module with its arguments.

    `ready_url` answers 200 once it may be used.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready_url: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything needed to say how any program of this run is started."""

    settings: Settings
    home: Home
    databases: Databases
    jwks_url: str

    def issuer(self) -> Program:
        """The development issuer."""
        own = {
            "KOMUNA_HOME": str(self.home.folder),
            "KOMUNA_PORT_BASE": str(self.settings.ports.base),
        }
        url = f"{self.settings.issuer_url}/readyz"
        command = ("komuna_deploy.issuer",)
        return Program("issuer", command, self._environment() | own, url)

    def gateway(self) -> Program:
        """The public door; what signs its tickets goes to no other program."""
        own = {"KOMUNA_TICKET_KEY_FILE": self._kept_file(TICKET_KEY)}
        return self._web("gateway", self.settings.ports.gateway, self._environment() | own)

    def service(self, name: str) -> Program:
        """The web process of a service."""
        environment = self._of_service(name) | self._keys_of(name)
        return self._web(name, self.settings.ports.service(name), environment)

    def worker(self, name: str) -> Program:
        """The worker of a service."""
        command = (f"komuna_{name}.worker",)
        environment = self._of_service(name)
        role = f"{name}_worker"
        if self.databases.has(role):
            url = self._secret_file(f"{role}_url", self.databases.url(role))
            environment["KOMUNA_DATABASE_URL_FILE"] = url
        return Program(f"{name}-worker", command, environment | self._post_of(name))

    def _post_of(self, name: str) -> dict[str, str]:
        if name != "registry":
            return {}
        chosen = {key: value for key, value in os.environ.items() if key.startswith(_POST)}
        return {"KOMUNA_MAIL_FOLDER": str(self.home.mail)} | chosen

    def migration(self, room: str, package: str) -> Program:
        """The migrations of one package into its room."""
        url = self._secret_file(f"{room}_migrate_url", self.databases.url(f"{room}_migrate"))
        return Program(
            f"{room}-migrations",
            ("komuna_shared.migrations", package),
            self._environment() | {"KOMUNA_MIGRATE_URL_FILE": url},
        )

    def grant(self, *subjects: str, role: str, name: str, issuer: str = "") -> Program:
        """Make accounts with one role, straight in registry's database."""
        named = (part for one in subjects for part in ("--subject", one))
        options = ("--issuer", issuer or self.settings.issuer_url, *named)
        return Program(
            "registry-grant",
            ("komuna_registry.grant", *options, "--role", role, "--name", name),
            self._of_service("registry"),
        )

    def _web(self, name: str, port: int, environment: Mapping[str, str]) -> Program:
        options = ("--host", "127.0.0.1", "--port", str(port), "--no-server-header")
        # uvicorn would believe an X-Forwarded-For that comes from this machine.
        loop = ("--loop", "uvloop", "--no-access-log", "--no-proxy-headers")
        # uvicorn's own waits for ever for a head, and reads ahead of what is asked for.
        protocol = "komuna_gateway.protocol" if name == "gateway" else "komuna_shared.server"
        patience = ("--timeout-graceful-shutdown", "5")
        application = f"komuna_{name}.main:create_app"
        command = (
            "uvicorn",
            "--factory",
            application,
            *options,
            *loop,
            "--http",
            f"{protocol}:Protocol",
            *patience,
        )
        return Program(name, command, environment, f"http://127.0.0.1:{port}/readyz")

    def _of_service(self, name: str) -> dict[str, str]:
        environment = {
            "KOMUNA_CLIENT_ID": name,
            "KOMUNA_CLIENT_SECRET_FILE": self._kept_file(secret_name(name)),
            "KOMUNA_CURSOR_KEY_FILE": self._kept_file(f"{name}_cursor_key"),
            "KOMUNA_DATABASE_URL_FILE": self._secret_file(
                f"{name}_database_url", self.databases.url(f"{name}_app")
            ),
        }
        keys = f"keystore_{name}"
        if self.databases.has(f"{keys}_app"):
            url = self._secret_file(f"{keys}_url", self.databases.url(f"{keys}_app"))
            environment["KOMUNA_KEYSTORE_URL_FILE"] = url
        return self._environment() | environment

    def _keys_of(self, name: str) -> dict[str, str]:
        """What only a web process opens and finds people with; no worker needs it."""
        if name not in KEYS:
            return {}
        return {
            f"KOMUNA_{key.upper()}_FILE": self._kept_file(f"{name}_{key}") for key in KEYS[name]
        }

    def _environment(self) -> dict[str, str]:
        settings = self.settings
        peers = {f"KOMUNA_{name.upper()}_URL": settings.service_url(name) for name in SERVICES}
        return inherited(os.environ) | {
            "PYTHONUNBUFFERED": "1",
            "KOMUNA_ENVIRONMENT": "production" if settings.production else "development",
            "KOMUNA_LOG_LEVEL": settings.log_level,
            "KOMUNA_PUBLIC_URL": settings.public_url,
            "KOMUNA_ISSUER": settings.issuer_url,
            "KOMUNA_JWKS_URL": self.jwks_url,
            "KOMUNA_AUDIENCE": "komuna",
            "KOMUNA_TOKEN_URL": f"{settings.issuer_url}/token",
            **peers,
        }

    def _kept_file(self, name: str) -> str:
        self.home.secret(name)
        return str(self.home.secret_path(name))

    def _secret_file(self, name: str, value: str) -> str:
        return str(self.home.write_secret(name, value))


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what a program may see of the operator's own environment."""
    return {
        name: value
        for name, value in environment.items()
        if name in _INHERITED
        or (
            name.startswith("KOMUNA_")
            and not name.startswith(_POST)
            and not name.endswith(_WITHHELD)
        )
    }


def migrated_packages() -> dict[str, str]:
    """Return the package whose migrations furnish each room."""
    packages = {name: f"komuna_{name}" for name in SERVICES}
    packages["keystore_referrals"] = "komuna_referrals.keystore"
    return packages


def folder_of(package: str) -> Path | None:
    """Return a package's folder without importing it: no service runs in this process."""
    first, *rest = package.split(".")
    spec = find_spec(first)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent.joinpath(*rest)
