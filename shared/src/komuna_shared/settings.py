"""What differs from one deployment to the next; secrets have no default."""

import hmac
import os
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import SecretStr, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

_PREFIX = "KOMUNA_"
_LOOPBACK = ("localhost", "127.", "::1", "0.0.0.0", "[::1]")  # noqa: S104 -- refused, not bound.
_EXAMPLES = ("change", "example", "secret", "password", "default", "development", "komuna")
_SECRET_LENGTH = 32


class UnsafeSettingsError(ValueError):
    """The settings are not fit for production; the message names the variable, never its value."""


class _FileSource(PydanticBaseSettingsSource):
    """Reads the value of `KOMUNA_X` from the file that `KOMUNA_X_FILE` names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 -- the base class's signature.
        variable = f"{_PREFIX}{field_name.upper()}_FILE"
        named = os.environ.get(variable)
        return (None if named is None else _read_secret(Path(named), variable)), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


class Environment(BaseSettings):
    """Values from `KOMUNA_*` variables, or from the files that `KOMUNA_*_FILE` name."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- the base class's signature.
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments first, then files, then variables; no `.env`."""
        return init_settings, _FileSource(settings_cls), env_settings


class MigrationSettings(Environment):
    """What a run of migrations reads: the login that may change tables."""

    migrate_url: SecretStr


class Settings(Environment):
    """What every process reads."""

    environment: Literal["development", "production"] = "development"
    issuer: str
    jwks_url: str
    audience: str = "komuna"
    public_url: str = "http://localhost:8080"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    concurrency: int = 64

    @property
    def is_production(self) -> bool:
        """Tell whether real people depend on this process."""
        return self.environment == "production"

    @model_validator(mode="after")
    def _refuse_development_in_production(self) -> Self:
        if self.is_production:
            for name in ("issuer", "jwks_url", "public_url"):
                _check_production_url(f"{_PREFIX}{name.upper()}", getattr(self, name))
        return self


class ServiceSettings(Settings):
    """What every service reads on top."""

    database_url: SecretStr
    cursor_key: SecretStr
    token_url: str = ""
    client_id: str = ""
    client_secret: SecretStr | None = None
    registry_url: str = ""
    indicators_url: str = ""
    referrals_url: str = ""

    def key(self, purpose: str) -> bytes:
        """Return a key of its own for one purpose, derived from the cursor key."""
        secret = self.cursor_key.get_secret_value().encode()
        return hmac.digest(secret, purpose.encode(), "sha256")

    @model_validator(mode="after")
    def _refuse_example_secrets(self) -> Self:
        if self.is_production:
            check_production_secret("KOMUNA_CURSOR_KEY", self.cursor_key)
            if self.client_secret is not None:
                check_production_secret("KOMUNA_CLIENT_SECRET", self.client_secret)
            password = urlsplit(self.database_url.get_secret_value()).password or ""
            check_production_secret("KOMUNA_DATABASE_URL", SecretStr(password), length=12)
        return self


def _read_secret(path: Path, variable: str) -> str:
    if path.stat().st_mode & 0o007:
        raise UnsafeSettingsError(f"{variable}: the file may be read by everybody; chmod 0400 it.")
    return path.read_text(encoding="utf-8").rstrip("\r\n")


def _check_production_url(variable: str, url: str) -> None:
    host = (urlsplit(url).hostname or "").lower()
    is_inner = variable == f"{_PREFIX}JWKS_URL" and urlsplit(url).scheme in {"http", "file"}
    if urlsplit(url).scheme != "https" and not is_inner:
        raise UnsafeSettingsError(f"{variable}: production needs https.")
    if host.startswith(_LOOPBACK):
        raise UnsafeSettingsError(f"{variable}: production refuses an issuer on this machine.")


def check_production_secret(
    variable: str, secret: SecretStr, *, length: int = _SECRET_LENGTH
) -> None:
    """Raise `UnsafeSettingsError` for a secret that is short, regular or an example."""
    value = secret.get_secret_value()
    if len(value) < length or len(set(value)) < length // 4:
        raise UnsafeSettingsError(f"{variable}: too short or too regular for production.")
    if value.lower().startswith(_EXAMPLES):
        raise UnsafeSettingsError(f"{variable}: this is an example value.")
