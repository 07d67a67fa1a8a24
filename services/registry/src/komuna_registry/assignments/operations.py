"""What changes who may do what: granting, lending and revoking."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.models import Account, Assignment
from komuna_registry.accounts.queries import find_account, find_own_account, list_held
from komuna_registry.clock import today
from komuna_registry.made_up import is_made_up
from komuna_shared import audit, outbox
from komuna_shared.access import Caller, Principal
from komuna_shared.changes import Change, publish_all
from komuna_shared.database import Record
from komuna_shared.errors import FieldError, RuleError

from . import queries, rules
from .rules import Held, Place, Term
from .schemas import AssignmentIn, DelegationIn

AUDIENCE = "service.assignments.read"


class NameNeededError(RuleError):
    """Somebody without an account needs a name."""

    code = "name_needed"
    detail = "Nobody of this subject is known yet. Send a name with the assignment."


async def grant_assignment(session: AsyncSession, caller: Caller, wanted: AssignmentIn) -> str:
    """Grant a role to somebody else, and return the id of the assignment."""
    place = Place(wanted.institution, wanted.municipality)
    issuer = wanted.issuer or caller.principal.issuer
    rules.check_place(wanted.role, place)
    rules.check_period(wanted.valid_from, wanted.valid_until)
    _check_not_self(caller.principal, issuer, wanted.subject)
    kind = await queries.find_institution_kind(session, wanted.institution)
    held = await list_granting(session, caller)
    rules.check_grant(held, wanted.role, place, kind=kind)
    account = await _find_or_open_account(session, caller, issuer, wanted)
    granter = await find_own_account(session, caller.principal)
    assignment = Assignment(
        account=account,
        role=wanted.role,
        institution=wanted.institution,
        municipality=wanted.municipality,
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
        granted_by=granter.id if granter else None,
        source=wanted.source,
    )
    session.add(assignment)
    await session.flush()
    await _tell(session, caller.principal, assignment.id, "assignment.grant")
    return str(assignment.id)


async def revoke_assignment(session: AsyncSession, caller: Caller, assignment_id: UUID) -> None:
    """Take a role away from somebody else, from now on."""
    assignment = await session.get_one(Assignment, assignment_id, with_for_update=True)
    account = await session.get_one(Account, assignment.account)
    _check_not_self(caller.principal, account.issuer, account.subject)
    place = Place(assignment.institution, assignment.municipality)
    kind = await queries.find_institution_kind(session, assignment.institution)
    held = await list_granting(session, caller)
    rules.check_grant(held, assignment.role, place, kind=kind)
    await _revoke(session, caller.principal, assignment, "assignment.revoke")


async def lend_assignment(
    session: AsyncSession, caller: Caller, own_id: UUID, wanted: DelegationIn
) -> str:
    """Lend an assignment that the caller holds, for a time, and return the id of what was lent."""
    # Locked, so that it is not taken away in between; the database checks all of it once more.
    await session.get(Assignment, own_id, with_for_update={"read": True})
    own = await queries.get_own(session, own_id, caller)
    issuer = wanted.issuer or caller.principal.issuer
    _check_not_self(caller.principal, issuer, wanted.subject)
    if own.delegated_from is not None:
        raise rules.LentOnError
    lent = Term(wanted.valid_from, wanted.valid_until)
    rules.check_period(wanted.valid_from, wanted.valid_until)
    rules.check_delegation(Term(own.valid_from, own.valid_until), lent, today())
    delegation = Assignment(
        account=await _find_or_open_account(session, caller, issuer, wanted),
        role=own.role,
        institution=own.institution,
        municipality=own.municipality,
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
        granted_by=own.account,
        delegated_from=own.id,
        source=wanted.source,
    )
    session.add(delegation)
    await session.flush()
    await _tell(session, caller.principal, delegation.id, "assignment.delegate")
    return str(delegation.id)


async def end_delegation(session: AsyncSession, caller: Caller, delegation_id: UUID) -> None:
    """Take back what the caller lent, from now on."""
    delegation = await session.get_one(Assignment, delegation_id, with_for_update=True)
    await _revoke(session, caller.principal, delegation, "assignment.end_delegation")


async def _revoke(
    session: AsyncSession, principal: Principal, assignment: Assignment, action: str
) -> None:
    if assignment.revoked_at is not None:  # Whoever waited for the lock comes too late.
        raise rules.AssignmentNotFoundError
    revoker = await find_own_account(session, principal)
    assignment.revoked_at = datetime.now(UTC)
    assignment.revoked_by = revoker.id if revoker else None
    assignment.version += 1
    await session.flush()
    await _tell(session, principal, assignment.id, action)
    # The database ended what was lent from it in this transaction.
    for one in await queries.find_delegations(session, [assignment.id]):
        if one.revoked_at == assignment.revoked_at:
            await _tell(session, principal, one.id, "assignment.end_delegation")


async def tell_followers(session: AsyncSession, assignment_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Publish the present state of assignments to the services, and return their versions.

    What is lent from them is published too: the database ends and shortens it with them.
    """
    lent = [one.id for one in await queries.find_delegations(session, assignment_ids)]
    rows = await _load(session, [*assignment_ids, *lent])
    await publish_all(
        session,
        [
            Change(
                type="assignment",
                id=str(row.id),
                version=row.version,
                data=describe(row),
                op="upsert" if row.revoked_at is None else "delete",
                audience=AUDIENCE,
            )
            for row in rows
        ],
    )
    return {row.id: row.version for row in rows}


def describe(row: Record) -> dict[str, Any]:
    """Return what the other services are told of an assignment."""
    return {
        "issuer": row.issuer,
        "subject": row.subject,
        "role": row.role.value,
        "institution": row.institution,
        "municipality": row.municipality,
        "valid_from": row.valid_from.isoformat(),
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
    }


async def _load(session: AsyncSession, assignment_ids: Sequence[UUID]) -> Sequence[Record]:
    statement = (
        select(Account.issuer, Account.subject, *Assignment.__table__.c)
        .join_from(Assignment, Account, Account.id == Assignment.account)
        .where(Assignment.id.in_(assignment_ids))
    )
    return (await session.execute(statement)).all()


async def _tell(
    session: AsyncSession, principal: Principal, assignment_id: UUID, action: str
) -> None:
    versions = await tell_followers(session, [assignment_id])
    event = f"registry.{action}"
    await outbox.emit(session, event, str(assignment_id), versions[assignment_id])
    await audit.record(
        session,
        principal,
        action=action,
        subject_type="assignment",
        subject_id=str(assignment_id),
    )


async def _find_or_open_account(
    session: AsyncSession, caller: Caller, issuer: str, wanted: AssignmentIn | DelegationIn
) -> UUID:
    account = await find_account(session, issuer, wanted.subject)
    if account is not None:
        found: UUID = account.id
        return found
    if wanted.name is None:
        raise NameNeededError(errors=(FieldError("/name", NameNeededError.code),))
    opened = insert(Account).values(
        issuer=issuer,
        subject=wanted.subject,
        name=wanted.name,
        # Whomever somebody of the demonstration brings in is of the demonstration, too.
        is_synthetic=await is_made_up(session, caller),
    )
    return (await session.execute(opened.returning(Account.id))).scalar_one()


def _check_not_self(principal: Principal, issuer: str, subject: str) -> None:
    if (principal.issuer, principal.subject) == (issuer, subject):
        raise rules.SelfGrantError


async def list_granting(session: AsyncSession, caller: Caller) -> list[Held]:
    """Return what the caller may grant by: a role that was only lent outlives no loan by others."""
    return [
        Held(one.role.value, Place(one.institution, one.municipality))
        for one in await list_held(session, caller.principal)
        if one.delegated_from is None
    ]
