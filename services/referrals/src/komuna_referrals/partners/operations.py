"""What brings another institution into a case."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals import effects, wall
from komuna_referrals.blocks.queries import is_blocked
from komuna_referrals.clock import today
from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.roles import READERS
from komuna_referrals.sealing import FieldClass
from komuna_shared.access import Caller
from komuna_shared.errors import FieldError, NotFoundError

from . import queries
from .rules import PartnerError
from .schemas import PartnerIn

SHARED = (FieldClass.IDENTITY, FieldClass.CONTACT, FieldClass.ACCOUNT)
"""The classes that a partner opens; a reason for shutting somebody out is the owner's alone."""

_ADD = text("select add_partner(:case_id, :institution, :role)")


async def add_partner(
    session: AsyncSession, keys: Keyring, caller: Caller, case_id: UUID, wanted: PartnerIn
) -> str:
    """Bring an institution into a case, and return the id of the event."""
    acting = await wall.acting(session)
    works_cases = await queries.has_role_there(
        session, wanted.institution, roles=READERS, on=today()
    )
    is_shut_out = await is_blocked(session, case_id, wanted.institution)
    if not works_cases or is_shut_out or wanted.institution == acting.institution:
        raise PartnerError(errors=(FieldError("/institution", PartnerError.code),))
    values = {"case_id": case_id, "institution": wanted.institution, "role": wanted.role.value}
    added = await session.scalar(_ADD, values)
    if added is None:
        raise NotFoundError
    await effects.note(session, caller, acting, "partner.added", about="case", named=str(case_id))
    # Committed in the keystore before the way in is: a key without a way in opens nothing.
    await keys.share_keys(case_id, SHARED, acting.institution, wanted.institution)
    return str(added)
