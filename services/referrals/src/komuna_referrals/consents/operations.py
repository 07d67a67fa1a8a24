"""What records consents and takes them back; what rested on one ends in the same transaction."""

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Text, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals import wall
from komuna_referrals.clock import today
from komuna_referrals.effects import note
from komuna_referrals.refusals import refusals
from komuna_shared.access import Caller
from komuna_shared.jobs import enqueue

from . import rules
from .jobs import REVOKE
from .models import Consent
from .schemas import ConsentIn, WithdrawalIn
from .texts import ConsentText, find_text

_RECORD = text("select record_consent(:case_id, cast(:said as jsonb))").bindparams(
    bindparam("said", type_=Text)
)
_WITHDRAW = text("select * from withdraw_consent(:consent_id, :method)")


async def record_consent(
    session: AsyncSession, caller: Caller, case_id: UUID, wanted: ConsentIn
) -> str:
    """Record what a person of a case agreed to or refused, and return the id of the record."""
    acting = await wall.acting(session)
    read = _checked(caller, wanted)
    said = orjson.dumps(_said(caller, wanted, read)).decode()
    with refusals({"KRAPP": rules.ApproverError}):
        made = await session.scalar(_RECORD, {"case_id": case_id, "said": said})
    await note(session, caller, acting, "consent.recorded", about="consent", named=str(made))
    return str(made)


async def withdraw_consent(
    session: AsyncSession, caller: Caller, consent_id: UUID, wanted: WithdrawalIn
) -> str:
    """Take a consent back: whoever saw by it sees nothing from the end of this transaction on.

    The keys are taken back by a job that repeats until it is done; nobody waits for it, since the
    data are hidden already.
    """
    acting = await wall.acting(session)
    with refusals({"KR409": rules.NotLiveError}):
        told = await session.scalar(
            select(Consent).from_statement(_WITHDRAW),
            {"consent_id": consent_id, "method": wanted.method.value},
        )
    await note(session, caller, acting, "consent.withdrawn", about="consent", named=str(consent_id))
    if told is not None and told.recipient is not None:
        holder = {"case_id": str(told.case_id), "institution": told.recipient}
        await enqueue(session, REVOKE, holder)
    return str(consent_id)


def _checked(caller: Caller, wanted: ConsentIn) -> ConsentText:
    if wanted.state not in rules.ANSWERS:
        raise rules.AnswerError
    rules.check_recipient(wanted.purpose, wanted.recipient)
    rules.check_approver(wanted.basis, wanted.approver, recorder=caller.principal.subject)
    rules.check_witness(wanted.method, wanted.witness)
    rules.check_period(wanted.given_on, wanted.valid_until, today=today())
    return find_text(wanted.text, wanted.text_version, wanted.language, wanted.purpose)


def _said(caller: Caller, wanted: ConsentIn, read: ConsentText) -> dict[str, Any]:
    said = wanted.model_dump(mode="json", exclude={"text", "text_version"})
    if wanted.approver is not None:
        said["approver"] = f"{caller.principal.issuer}|{wanted.approver}"
    said["classes"] = sorted(set(said["classes"]))
    return said | {
        "text_code": read.code,
        "text_version": read.version,
        "text_hash": read.sha256,
    }
