"""What differs from one deployment of referrals to the next."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import SecretStr, model_validator

from komuna_referrals.root_keys import read_root_key
from komuna_shared.settings import ServiceSettings, UnsafeSettingsError


class WorkerSettings(ServiceSettings):
    """The settings of every service, and the way to the wrapped keys; it opens none of them."""

    keystore_url: SecretStr
    # How long the copy of who holds which role may be old before nobody is let in by it.
    assignments_trusted_seconds: int = 4 * 60 * 60
    # The same for whatever starts something new: a case, a partner, a referral.
    assignments_fresh_seconds: int = 15 * 60

    @model_validator(mode="after")
    def _refuse_a_keystore_beside_the_data(self) -> Self:
        # Backups copy whole servers: with both on one, destroying a key would destroy nothing.
        if self.is_production and _server(self.keystore_url) == _server(self.database_url):
            raise UnsafeSettingsError("KOMUNA_KEYSTORE_URL: production needs a server of its own.")
        return self


class Settings(WorkerSettings):
    """What the web process reads: besides, the keys that all others depend on."""

    keystore_root_key: SecretStr
    # How long a request waits for its record: nobody is served, or refused, much later than that.
    trail_wait_seconds: float = 0.25
    blind_index_key: SecretStr

    @property
    def root_key(self) -> bytes:
        """What wraps the keys of the institutions."""
        return _bytes("keystore_root_key", self.keystore_root_key)

    @property
    def blind_index_root(self) -> bytes:
        """What the keys of the blind index are derived from."""
        return _bytes("blind_index_key", self.blind_index_key)

    @model_validator(mode="after")
    def _refuse_weak_keys(self) -> Self:
        texts = (self.keystore_root_key, self.blind_index_key, self.cursor_key)
        if self.root_key == self.blind_index_root or len(set(texts)) < len(texts):
            # Whoever may search, or sign a cursor, would hold what opens everything.
            raise UnsafeSettingsError("KOMUNA_KEYSTORE_ROOT_KEY: this key has another use too.")
        return self


def _bytes(name: str, secret: SecretStr) -> bytes:
    return read_root_key(f"KOMUNA_{name.upper()}", secret.get_secret_value())


def _server(url: SecretStr) -> tuple[str | None, int]:
    parts = urlsplit(url.get_secret_value())
    return parts.hostname, parts.port or 5432
