"""What differs from one deployment of referrals to the next."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import SecretStr, model_validator

from komuna_shared.settings import ServiceSettings, UnsafeSettingsError


class Settings(ServiceSettings):
    """The settings of every service, and the way to the keys."""

    keystore_url: SecretStr
    # How long the copy of who holds which role may be old before nobody is let in by it.
    assignments_trusted_seconds: int = 4 * 60 * 60

    @model_validator(mode="after")
    def _refuse_a_keystore_beside_the_data(self) -> Self:
        # Backups copy whole servers: with both on one, destroying a key would destroy nothing.
        if self.is_production and _server(self.keystore_url) == _server(self.database_url):
            raise UnsafeSettingsError("KOMUNA_KEYSTORE_URL: production needs a server of its own.")
        return self


def _server(url: SecretStr) -> tuple[str | None, int]:
    parts = urlsplit(url.get_secret_value())
    return parts.hostname, parts.port or 5432
