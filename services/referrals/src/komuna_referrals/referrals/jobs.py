"""What the worker does about referrals: it has the receiver told that one waits."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from komuna_referrals.clients.registry import RegistryClient
from komuna_shared.database import Database
from komuna_shared.jobs import Handler

from .models import Referral
from .rules import State

TELL = "referral.tell"
_REFERRAL = Referral.__table__.c


def telling(registry: RegistryClient) -> Handler:
    """Return the job that has a receiver told; the letter holds the referral's id alone."""

    async def tell(database: Database, payload: dict[str, Any]) -> None:
        referral_id = UUID(payload["referral"])
        waiting = select(_REFERRAL.receiver).where(
            _REFERRAL.id == referral_id, _REFERRAL.state == State.SENT, _REFERRAL.is_shown
        )
        async with database.session() as session:
            receiver = await session.scalar(waiting)
        # Opened, taken back or blocked in the meantime: then there is nothing to tell any more.
        if receiver is not None:
            await registry.tell_waiting(receiver, str(referral_id))

    return tell
