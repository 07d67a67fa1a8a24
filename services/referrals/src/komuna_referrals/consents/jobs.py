"""What the worker does after an access ended: it takes the keys back."""

from typing import Any
from uuid import UUID

from sqlalchemy import column, select, table

from komuna_referrals.keystore.operations import Keyring
from komuna_shared.database import Database
from komuna_shared.jobs import Handler
from komuna_shared.logging import log

REVOKE = "keys.revoke"
_ACCESS = table("case_access", column("case_id"), column("inst"), column("ended_at"))


def revoking(url: str) -> Handler:
    """Return the job that takes the keys of a case back from an institution that lost access.

    Rows are hidden from it since before the job was made; run twice, it changes nothing more.
    """

    async def revoke(data: Database, payload: dict[str, Any]) -> None:
        case_id, institution = UUID(payload["case_id"]), str(payload["institution"])
        if await _has_access(data, case_id, institution):
            # Let in anew meanwhile, or still in for another reason.
            return
        keystore = Database(url, pool_size=1, service="referrals_keystore")
        try:
            # Taking back opens nothing, so no root key is needed.
            await Keyring(keystore, b"").revoke_keys(case_id, institution)
        finally:
            await keystore.close()
        log.info("keys_revoked", count=1)

    return revoke


async def _has_access(data: Database, case_id: UUID, institution: str) -> bool:
    held = select(_ACCESS.c.case_id).where(
        _ACCESS.c.case_id == case_id,
        _ACCESS.c.inst == institution,
        _ACCESS.c.ended_at.is_(None),
    )
    async with data.session() as session:
        return (await session.execute(held.limit(1))).first() is not None
