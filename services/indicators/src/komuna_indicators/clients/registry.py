"""What this service asks of registry."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import uuid4

from pydantic import BaseModel

from komuna_shared.http import ServiceClient


class Resolution(BaseModel):
    """What registry says one spelling means; whatever else it sends is not read."""

    status: str
    slug: str | None = None


class Resolutions(BaseModel):
    """One resolution for each name, in order."""

    items: list[Resolution]


class Listed(BaseModel):
    """One municipality of a list."""

    slug: str


class Municipalities(BaseModel):
    """One page of municipalities; all of them fit into one."""

    items: list[Listed]


class Notice(BaseModel):
    """How many people a notice goes to."""

    recipient_count: int


class RegistryClient:
    """Calls registry."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def list_slugs(self) -> frozenset[str]:
        """Return the slugs of today's municipalities."""
        answer = await self._client.get("/v1/municipalities", params={"limit": "200"})
        return frozenset(one.slug for one in Municipalities.model_validate(answer).items)

    async def resolve(self, names: Sequence[str], as_of: date | None) -> list[Resolution]:
        """Return which municipality each name means on a day."""
        body = {"names": list(names), "as_of": as_of.isoformat() if as_of else None}
        answer = await self._client.post("/v1/municipality-resolutions", body, key=str(uuid4()))
        return Resolutions.model_validate(answer).items

    async def send_notice(
        self, template: str, recipient: Mapping[str, str], params: Mapping[str, str], *, key: str
    ) -> int:
        """Have people told, once for each key, and return how many."""
        body = {"template": template, "recipient": dict(recipient), "params": dict(params)}
        answer = await self._client.post("/v1/notices", body, key=key)
        return Notice.model_validate(answer).recipient_count
