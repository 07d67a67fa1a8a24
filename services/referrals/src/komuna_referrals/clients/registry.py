"""What this service asks of registry."""

from datetime import date
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from komuna_shared.http import RefusedError, ServiceClient


class Licence(BaseModel):
    """What registry says of a service on a day; whatever else it sends is not read."""

    service: str
    institution: str
    type: str
    is_active: bool
    is_licensed: bool


class Notice(BaseModel):
    """How many people a notice goes to."""

    recipient_count: int


class RegistryClient:
    """Calls registry in this service's own name."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def find_licence(self, service: str, on: date) -> Licence | None:
        """Return whether a service of the directory may be referred to on a day."""
        try:
            answer = await self._client.get(
                f"/v1/directory/licences/{service}", params={"on": on.isoformat()}
            )
        except RefusedError as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return Licence.model_validate(answer)

    async def has_institution(self, code: str) -> bool:
        """Tell whether there is such an institution, as registry tells everybody."""
        try:
            await self._client.get(f"/v1/institutions/{code}")
        except RefusedError as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        return True

    async def tell_waiting(self, institution: str, referral: str) -> None:
        """Have whoever takes referrals in an institution told that one waits; nothing else."""
        # Where nobody has the first role, whoever has the second answers; nobody is told twice.
        for role, key in (("shelter_intake", referral), ("provider", f"{referral}-provider")):
            body: dict[str, Any] = {
                "template": "referral_waiting",
                "recipient": {"institution": institution, "role": role},
                "params": {"referral": referral},
            }
            answer = await self._client.post("/v1/notices", body, key=key)
            if Notice.model_validate(answer).recipient_count:
                return

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()
