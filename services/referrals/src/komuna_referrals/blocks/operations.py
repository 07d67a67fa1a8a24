"""What shuts an institution out of a case."""

from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals import effects, wall
from komuna_referrals.consents.jobs import REVOKE
from komuna_referrals.disclosures import operations as disclosures
from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.sealing import DataKey, FieldClass, Place, seal, unseal
from komuna_shared.access import Caller
from komuna_shared.errors import FieldError, NotFoundError
from komuna_shared.jobs import enqueue

from .models import CaseBlock
from .rules import BlockError
from .schemas import BlockIn, BlockOut

_BLOCK = text("select block_institution(:block_id, :case_id, :institution, :reason)")


async def block_institution(
    session: AsyncSession, keys: Keyring, caller: Caller, case_id: UUID, wanted: BlockIn
) -> str:
    """Shut an institution out of a case in this transaction, and return the id of the block."""
    acting = await wall.acting(session)
    if wanted.institution == acting.institution:
        raise BlockError(errors=(FieldError("/institution", BlockError.code),))
    block_id = uuid4()
    key = await keys.open_key(case_id, FieldClass.PERPETRATOR, acting.institution)
    values = {
        "block_id": block_id,
        "case_id": case_id,
        "institution": wanted.institution,
        "reason": seal(key, wanted.reason.encode(), _place(block_id)),
    }
    if not await session.scalar(_BLOCK, values):
        raise NotFoundError
    # Rows are hidden from it by now; the keys it may hold are taken back by a job.
    holder = {"case_id": str(case_id), "institution": wanted.institution}
    await enqueue(session, REVOKE, holder)
    await effects.note(session, caller, acting, "block.added", about="case", named=str(case_id))
    return str(block_id)


async def open_blocks(
    session: AsyncSession, keys: Keyring, case_id: UUID, found: list[CaseBlock]
) -> list[BlockOut]:
    """Return blocks with their reasons, and record that they were read."""
    acting = await wall.acting(session)
    await disclosures.record(session, case_id=case_id, classes=["H"], fields=["reason"])
    key = await keys.open_key(case_id, FieldClass.PERPETRATOR, acting.institution)
    return [_open(key, one) for one in found]


def _open(key: DataKey, block: CaseBlock) -> BlockOut:
    return BlockOut(
        id=block.id,
        institution=block.institution,
        reason=unseal(key, block.reason, _place(block.id)).decode(),
        blocked_at=block.blocked_at,
    )


def _place(block_id: UUID) -> Place:
    return Place("case_block", "reason", block_id, 1)
