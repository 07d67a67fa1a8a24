"""What makes and moves referrals; Postgres decides once more who may, in the same statement."""

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals import ids, wall
from komuna_referrals.cases.queries import get_case
from komuna_referrals.clients.registry import Licence, RegistryClient
from komuna_referrals.clock import today
from komuna_referrals.consents.jobs import REVOKE
from komuna_referrals.consents.rules import SHARED
from komuna_referrals.effects import note
from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.refusals import refusals
from komuna_referrals.sealing import FieldClass
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.errors import NotFoundError
from komuna_shared.http import RefusedError, UpstreamUnavailableError
from komuna_shared.jobs import enqueue

from . import rules
from .jobs import TELL
from .rules import Actor, State
from .schemas import ReferralIn, TransitionIn

_OPEN = text("select open_referral(:case_id, :receiver, cast(:said as jsonb))").bindparams(
    bindparam("said", type_=Text)
)
_MOVE = text(
    "select case_id, classes from move_referral(:id, :version, :target, cast(:said as jsonb))"
).bindparams(bindparam("said", type_=Text))
_REFUSALS = {
    "KR409": rules.NoSuchStepError,
    "KRBLK": rules.RecipientBlockedError,
    "KRCON": rules.ConsentMissingError,
}


async def open_referral(
    session: AsyncSession, registry: RegistryClient, caller: Caller, wanted: ReferralIn
) -> str:
    """Begin a referral of a case that the caller's institution owns, and return its id."""
    case = await get_case(session, ids.case_id(wanted.case_id), caller=caller)
    acting = await wall.acting(session)
    if case.relation != "owner":
        raise NotFoundError
    licence = await _ask(registry, wanted.service)
    if licence.institution == acting.institution:
        raise rules.OwnServiceError
    said = {
        "service": wanted.service,
        "service_type": licence.type,
        "priority": wanted.priority.value,
        "classes": sorted({one.value for one in wanted.classes}),
    }
    values = {"case_id": case.id, "receiver": licence.institution}
    with refusals(_REFUSALS):
        made = await session.scalar(_OPEN, values | {"said": _json(said)})
    await note(session, caller, acting, "referral.opened", about="referral", named=str(made))
    return str(made)


async def move_referral(
    session: AsyncSession, keys: Keyring, caller: Caller, found: Record, wanted: TransitionIn
) -> str:
    """Move a referral on; an acceptance opens the case and its keys to the receiver."""
    acting = await wall.acting(session)
    actor = Actor.SENDER if found.sender == acting.institution else Actor.RECEIVER
    rules.check_step(found.state, wanted.to, actor, acting.roles)
    said = wanted.details
    rules.check_details(found.state, wanted.to, said.keys(), wanted.reason)
    values = {"id": found.id, "version": found.version, "target": wanted.to.value}
    with refusals(_REFUSALS):
        moved = (await session.execute(_MOVE, values | {"said": _json(said)})).one()
    if wanted.to is State.ACCEPTED:
        # Committed in the keystore first: a failure now leaves keys that open no row.
        await _share(keys, moved, found.sender, found.receiver)
    elif wanted.to is State.SENT:
        await enqueue(session, TELL, {"referral": str(found.id)})
    elif wanted.to in rules.ENDINGS and found.state in rules.TAKEN:
        holder = {"case_id": str(moved.case_id), "institution": found.receiver}
        await enqueue(session, REVOKE, holder)
    action = f"referral.{wanted.to.value}"
    await note(session, caller, acting, action, about="referral", named=str(found.id))
    return str(found.id)


async def _ask(registry: RegistryClient, service: str) -> Licence:
    try:
        licence = await registry.find_licence(service, today())
    except RefusedError:
        # What registry does not tell us is no fault of whoever asks.
        raise UpstreamUnavailableError from None
    if licence is None or not (licence.is_active and licence.is_licensed):
        raise rules.ServiceUnknownError
    return licence


async def _share(keys: Keyring, moved: Record, sender: str, receiver: str) -> None:
    classes = [FieldClass(one) for one in moved.classes if one in SHARED]
    case_id: UUID = moved.case_id
    await keys.create_keys(case_id, sender, classes)
    await keys.share_keys(case_id, classes, sender, receiver)


def _json(said: dict[str, Any]) -> str:
    return orjson.dumps(said).decode()
