"""What the database is asked about people; row-level security hides the cases of others."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.cases.models import CaseAccount
from komuna_referrals.cases.rules import TEAM
from komuna_referrals.consents.queries import find_basis
from komuna_referrals.consents.rules import Basis
from komuna_referrals.referrals.queries import find_shared_classes
from komuna_shared.database import Record

from .models import Person


def _visible_to(case_id: UUID) -> Select[Person]:
    """Select the person of a case that the caller was found to see."""
    return select(Person).where(Person.case_id == case_id)


async def find_person(session: AsyncSession, case_id: UUID) -> Person | None:
    """Return the sealed person of a case, or None where nobody wrote one."""
    return await session.scalar(_visible_to(case_id))


async def find_account(session: AsyncSession, case_id: UUID) -> CaseAccount | None:
    """Return the sealed account of a case, or None where there is none."""
    return await session.scalar(select(CaseAccount).where(CaseAccount.case_id == case_id))


async def find_bases(
    session: AsyncSession, case: Record, classes: tuple[str, ...]
) -> dict[str, Basis | None]:
    """Return on what each class rests that the caller may see; a class that they may not is absent.

    Owner and partners see by what they are; a receiver what it was sent, by a live consent or a
    basis without one: a consent that covers more hands over nothing more.
    """
    if case.relation in TEAM:
        return dict.fromkeys(classes)
    shared = await find_shared_classes(session, case.id, receiver=case.seen_by)
    found: dict[str, Basis | None] = {}
    for one in (one for one in classes if one in shared):
        basis = await find_basis(session, case.id, recipient=case.seen_by, field_class=one)
        if basis is not None:
            found[one] = basis
    return found
