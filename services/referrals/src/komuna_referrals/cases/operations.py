"""What opens a case and what decides in it."""

from typing import Any
from uuid import uuid4

from sqlalchemy import ARRAY, Text, bindparam, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals import effects, wall
from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.sealing import FieldClass, Place, seal
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.errors import PreconditionFailedError

from . import queries, rules
from .models import CaseIndicator, CaseRecord
from .schemas import CaseIn, DecisionIn

KEYS_OF_A_CASE = (
    FieldClass.IDENTITY,
    FieldClass.CONTACT,
    FieldClass.ACCOUNT,
    FieldClass.PERPETRATOR,
)
"""The keys that each case has from the start, so that none tells by being there what is known."""

_LISTS = ("needs", "languages", "indicators")
_OPEN = text(
    "select open_case(:case_id, :basis, :age_band, :sex, :needs, :languages, :indicators, :account)"
).bindparams(*(bindparam(name, type_=ARRAY(Text)) for name in _LISTS))


async def open_case(session: AsyncSession, keys: Keyring, caller: Caller, wanted: CaseIn) -> str:
    """Open a case that the caller's institution owns from now on, and return its id."""
    acting = await wall.acting(session)
    known = await queries.read_rules(session, ("C1.roles", "C1.bases", "C1.bases_for_minors"))
    if not acting.roles & known["C1.roles"]:
        raise rules.OpenerError
    rules.check_basis(
        wanted.basis,
        wanted.age_band,
        allowed=known["C1.bases"],
        minors_only=known["C1.bases_for_minors"],
    )
    case_id = uuid4()
    # Committed in the keystore first: data without its key could not be read by anybody.
    made = await keys.create_keys(case_id, acting.institution, KEYS_OF_A_CASE)
    values: dict[str, Any] = {
        "case_id": case_id,
        "basis": wanted.basis.value,
        "age_band": wanted.age_band.value,
        "sex": wanted.sex.value,
        "needs": sorted(set(wanted.needs)),
        "languages": sorted(set(wanted.languages)),
        "indicators": sorted(set(wanted.indicators)),
        "account": None,
    }
    if wanted.account is not None:
        place = Place("case_account", "account", case_id, 1)
        values["account"] = seal(made[FieldClass.ACCOUNT], wanted.account.encode(), place)
    if not await session.scalar(_OPEN, values):
        raise rules.OpenerError
    await effects.note(session, caller, acting, "case.opened", about="case", named=str(case_id))
    return str(case_id)


async def decide(session: AsyncSession, caller: Caller, case: Record, decision: DecisionIn) -> None:
    """Decide on what is known of a person who was screened so far."""
    acting = await wall.acting(session)
    rules.check_decision(rules.Identification(case.identification), decision.to)
    # Whoever decides at the same moment waits here, and then finds another version.
    held = select(CaseRecord.version).where(CaseRecord.id == case.id).with_for_update()
    if await session.scalar(held) != case.version:
        raise PreconditionFailedError
    known = await queries.find_indicators(session, case.id)
    new = rules.find_new(decision.indicators, known)
    await session.execute(
        update(CaseRecord)
        .where(CaseRecord.id == case.id)
        .values(
            identification=decision.to,
            indicator_count=len(known) + len(new),
            version=case.version + 1,
        )
    )
    added = [{"case_id": case.id, "code": code} for code in new]
    await session.execute(insert(CaseIndicator), added)
    await effects.note(session, caller, acting, "case.decided", about="case", named=str(case.id))
