"""What differs from one gateway to the next."""

from typing import Annotated, Any, Literal, Self

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from komuna_shared.settings import Settings as CommonSettings
from komuna_shared.settings import UnsafeSettingsError, check_production_secret


class Settings(CommonSettings):
    """What the gateway reads from `KOMUNA_*` variables."""

    registry_url: str = "http://127.0.0.1:8101"
    indicators_url: str = "http://127.0.0.1:8102"
    referrals_url: str = "http://127.0.0.1:8103"
    # Signs the tickets that the database of referrals asks for. No service has it: the database
    # holds what checks it, put there by the operator.
    ticket_key: SecretStr | None = None
    # Origins whose pages may use the whole API; any page may read what is public.
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    # Requests a minute: of a verified caller, of an address without a token, and of
    # such an address to the few places that take a body from it.
    quota_verified: int = 1200
    quota_address: int = 300
    quota_open_body: int = 60
    # Requests that one caller may have under way; many slow ones must not take every place.
    quota_at_once: int = 64
    # Counters shared by several gateways, like async+valkey://host:6379; empty: each has its own.
    quota_store: str = ""
    # Requests under way to one service; one that is slow must not hold up the others.
    upstream_places: int = 200
    # Where figures are shown to whoever collects them: a port, never a path; 0 is nowhere.
    metrics_port: int = 0
    metrics_host: str = "127.0.0.1"
    upstream_client: Literal["pyreqwest", "aiohttp"] = "pyreqwest"

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(value.split()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _refuse_to_go_without_tickets(self) -> Self:
        if self.is_production:
            if self.ticket_key is None:
                raise UnsafeSettingsError("KOMUNA_TICKET_KEY: production needs it.")
            check_production_secret("KOMUNA_TICKET_KEY", self.ticket_key)
        return self

    def origin_of(self, service: str) -> str:
        """Return the address of a service."""
        return str(getattr(self, f"{service}_url")).rstrip("/")
