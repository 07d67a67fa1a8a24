"""What changes who may do what: granting and revoking."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.models import Account, Assignment
from komuna_registry.accounts.queries import find_account, find_own_account
from komuna_registry.accounts.rules import Role
from komuna_shared import audit, outbox
from komuna_shared.access import Caller, Principal
from komuna_shared.changes import Change, publish_all
from komuna_shared.database import Record
from komuna_shared.errors import FieldError, RuleError

from . import queries, rules
from .rules import Held, Place
from .schemas import AssignmentIn

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
    rules.check_grant(_held(caller), wanted.role, place, kind=kind)
    account = await _find_or_open_account(session, issuer, wanted)
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
    rules.check_grant(_held(caller), assignment.role, place, kind=kind)
    revoker = await find_own_account(session, caller.principal)
    assignment.revoked_at = datetime.now(UTC)
    assignment.revoked_by = revoker.id if revoker else None
    assignment.version += 1
    await session.flush()
    await _tell(session, caller.principal, assignment.id, "assignment.revoke")


async def tell_followers(session: AsyncSession, assignment_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Publish the present state of assignments to the services, and return their versions."""
    rows = await _load(session, assignment_ids)
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


async def _find_or_open_account(session: AsyncSession, issuer: str, wanted: AssignmentIn) -> UUID:
    account = await find_account(session, issuer, wanted.subject)
    if account is not None:
        found: UUID = account.id
        return found
    if wanted.name is None:
        raise NameNeededError(errors=(FieldError("/name", NameNeededError.code),))
    opened = insert(Account).values(
        issuer=issuer, subject=wanted.subject, name=wanted.name, is_synthetic=False
    )
    return (await session.execute(opened.returning(Account.id))).scalar_one()


def _check_not_self(principal: Principal, issuer: str, subject: str) -> None:
    if (principal.issuer, principal.subject) == (issuer, subject):
        raise rules.SelfGrantError


def _held(caller: Caller) -> list[Held]:
    return [
        Held(Role(one.role), Place(one.institution, one.municipality)) for one in caller.assignments
    ]
