"""What shuts an institution out of a case."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals import effects, wall
from komuna_referrals.clients.registry import RegistryClient
from komuna_referrals.consents.jobs import REVOKE
from komuna_referrals.disclosures import operations as disclosures
from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.sealing import DataKey, FieldClass, Place, seal, unseal
from komuna_shared.access import Caller
from komuna_shared.errors import FieldError, NotFoundError
from komuna_shared.http import RefusedError, UpstreamUnavailableError
from komuna_shared.jobs import enqueue

from . import queries
from .models import CaseBlock
from .rules import BlockError, BlockUnknownError
from .schemas import BlockIn, BlockOut

_BLOCK = text("select block_institution(:block_id, :case_id, :institution, :reason)")


@dataclass(frozen=True, slots=True)
class Tools:
    """What seals a reason, and what knows which institutions there are."""

    keys: Keyring
    registry: RegistryClient


async def block_institution(
    session: AsyncSession, tools: Tools, caller: Caller, case_id: UUID, wanted: BlockIn
) -> str:
    """Shut an institution out of a case in this transaction, and return the id of the block."""
    acting = await wall.acting(session)
    if wanted.institution == acting.institution:
        raise BlockError(errors=(FieldError("/institution", BlockError.code),))
    await _check_known(session, tools.registry, wanted.institution)
    block_id = uuid4()
    key = await tools.keys.open_key(case_id, FieldClass.PERPETRATOR, acting.institution)
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


async def _check_known(session: AsyncSession, registry: RegistryClient, institution: str) -> None:
    # Whoever could look in is known here: to shut them out must not wait for another service.
    if await queries.is_known_here(session, institution):
        return
    try:
        is_known = await registry.has_institution(institution)
    except RefusedError:
        # What registry does not tell us is no fault of whoever asks.
        raise UpstreamUnavailableError from None
    if not is_known:
        raise BlockUnknownError(errors=(FieldError("/institution", BlockUnknownError.code),))


def _open(key: DataKey, block: CaseBlock) -> BlockOut:
    return BlockOut(
        id=block.id,
        institution=block.institution,
        reason=unseal(key, block.reason, _place(block.id)).decode(),
        blocked_at=block.blocked_at,
    )


def _place(block_id: UUID) -> Place:
    return Place("case_block", "reason", block_id, 1)
