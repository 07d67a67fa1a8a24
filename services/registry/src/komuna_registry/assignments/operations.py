"""What changes who may do what: granting, lending and revoking."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.models import Account, Assignment
from komuna_registry.accounts.queries import HeldAssignment, find_accounts, find_own_account
from komuna_registry.accounts.rules import Role
from komuna_registry.clock import today
from komuna_registry.institutions.models import Institution
from komuna_registry.municipalities.models import Municipality
from komuna_registry.recording import check_known
from komuna_shared import audit, outbox
from komuna_shared.access import Caller, Principal
from komuna_shared.changes import Change, publish_all
from komuna_shared.database import Record
from komuna_shared.errors import FieldError, RuleError

from . import queries, rules
from .rules import Held, Place, Term
from .schemas import AssignmentIn, DelegationIn

AUDIENCE = "service.assignments.read"
GIVE_UP = "assignment.give_up"
_ASSIGNMENT = Assignment.__table__


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
    await check_known(
        session,
        institution=(Institution.code, wanted.institution),
        municipality=(Municipality.slug, wanted.municipality),
    )
    await _check_grant(session, caller, wanted.role, place)
    granted = {
        "role": wanted.role,
        "institution": wanted.institution,
        "municipality": wanted.municipality,
    }
    return await _make(session, caller, wanted, granted, "assignment.grant")


async def revoke_assignment(session: AsyncSession, caller: Caller, assignment_id: UUID) -> None:
    """Take a role away from somebody, or give up one's own, from now on."""
    assignment = await session.get_one(Assignment, assignment_id, with_for_update=True)
    account = await session.get_one(Account, assignment.account)
    if _is_self(caller.principal, account.issuer, account.subject):
        await _revoke(session, caller.principal, assignment, GIVE_UP)
        return
    place = Place(assignment.institution, assignment.municipality)
    await _check_grant(session, caller, assignment.role, place)
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
    delegated = {
        "role": own.role,
        "institution": own.institution,
        "municipality": own.municipality,
        "delegated_from": own.id,
    }
    return await _make(session, caller, wanted, delegated, "assignment.delegate")


async def end_delegation(session: AsyncSession, caller: Caller, delegation_id: UUID) -> None:
    """Take back what the caller lent, or give back what was lent to them, from now on."""
    delegation = await session.get_one(Assignment, delegation_id, with_for_update=True)
    borrower = await session.get_one(Account, delegation.account)
    is_own = _is_self(caller.principal, borrower.issuer, borrower.subject)
    action = GIVE_UP if is_own else "assignment.end_delegation"
    await _revoke(session, caller.principal, delegation, action)


async def _check_grant(session: AsyncSession, caller: Caller, role: Role, place: Place) -> None:
    """Raise unless a role of the caller allows granting this one there."""
    code = place.institution
    kind = None if code is None else await queries.find_institution_kind(session, code)
    rules.check_grant(list_granting(caller), role, place, kind=kind)


async def _make(
    session: AsyncSession,
    caller: Caller,
    wanted: AssignmentIn | DelegationIn,
    held: Mapping[str, Any],
    action: str,
) -> str:
    """Write a new assignment with all that is told and kept of it, and return its id."""
    own = (caller.principal.issuer, caller.principal.subject)
    owner = (wanted.issuer or caller.principal.issuer, wanted.subject)
    accounts = await find_accounts(session, [own, owner])
    granter, known = accounts.get(own), accounts.get(owner)
    new = insert(Assignment).values(
        **held,
        account=known.id if known else await _open_account(session, owner, wanted.name, granter),
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
        granted_by=granter.id if granter else None,
        source=wanted.source,
    )
    made = (await session.execute(new.returning(*_ASSIGNMENT.c))).one()
    # Nothing is lent yet from what is new: it alone is told.
    await publish_all(session, [_change(made, *owner)])
    await _note(session, caller.principal, made, action)
    return str(made.id)


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


async def tell_followers(
    session: AsyncSession, assignment_ids: Sequence[UUID]
) -> dict[UUID, Record]:
    """Publish the present state of assignments to the services, and return it.

    What is lent from them is published too: the database ends and shortens it with them.
    """
    lent = [one.id for one in await queries.find_delegations(session, assignment_ids)]
    rows = await _load(session, [*assignment_ids, *lent])
    await publish_all(session, [_change(row, row.issuer, row.subject) for row in rows])
    return {row.id: row for row in rows}


def _change(row: Record, issuer: str, subject: str) -> Change:
    """Return what the other services are told of an assignment."""
    data = {
        "issuer": issuer,
        "subject": subject,
        "role": row.role.value,
        "institution": row.institution,
        "municipality": row.municipality,
        "valid_from": row.valid_from.isoformat(),
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
    }
    return Change(
        type="assignment",
        id=str(row.id),
        version=row.version,
        data=data,
        op="upsert" if row.revoked_at is None else "delete",
        audience=AUDIENCE,
    )


async def _load(session: AsyncSession, assignment_ids: Sequence[UUID]) -> Sequence[Record]:
    statement = (
        select(Account.issuer, Account.subject, *_ASSIGNMENT.c)
        .join_from(Assignment, Account, Account.id == Assignment.account)
        .where(Assignment.id.in_(assignment_ids))
    )
    return (await session.execute(statement)).all()


async def _tell(
    session: AsyncSession, principal: Principal, assignment_id: UUID, action: str
) -> None:
    told = await tell_followers(session, [assignment_id])
    await _note(session, principal, told[assignment_id], action)


async def _note(session: AsyncSession, principal: Principal, row: Record, action: str) -> None:
    """Leave behind a change of an assignment the event and the audit row of it."""
    await outbox.emit(session, f"registry.{action}", str(row.id), row.version)
    await audit.record(
        session, principal, action=action, subject_type="assignment", subject_id=str(row.id)
    )


async def _open_account(
    session: AsyncSession, owner: tuple[str, str], name: str | None, granter: Record | None
) -> UUID:
    if name is None:
        raise NameNeededError(errors=(FieldError("/name", NameNeededError.code),))
    issuer, subject = owner
    opened = insert(Account).values(
        issuer=issuer,
        subject=subject,
        name=name,
        # Whomever somebody of the demonstration brings in is of the demonstration, too.
        is_synthetic=bool(granter and granter.is_synthetic),
    )
    return (await session.execute(opened.returning(Account.id))).scalar_one()


def _is_self(principal: Principal, issuer: str, subject: str) -> bool:
    return (principal.issuer, principal.subject) == (issuer, subject)


def _check_not_self(principal: Principal, issuer: str, subject: str) -> None:
    if _is_self(principal, issuer, subject):
        raise rules.SelfGrantError


def list_granting(caller: Caller) -> list[Held]:
    """Return what the caller may grant by: a role that was only lent outlives no loan by others."""
    return [
        Held(one.role, Place(one.institution, one.municipality))
        for one in caller.assignments
        if isinstance(one, HeldAssignment) and one.delegated_from is None
    ]
