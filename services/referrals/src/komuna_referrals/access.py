"""Who may call: the aliases that routes name, each of which records the read before it happens."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request

from komuna_referrals import ids
from komuna_referrals.roles import READERS
from komuna_shared import audit
from komuna_shared.access import Caller, Principal, requires
from komuna_shared.database import Database
from komuna_shared.errors import (
    BadRequestError,
    FieldError,
    ForbiddenError,
    RuleError,
    UnavailableError,
)
from komuna_shared.follower import lag, load_caller
from komuna_shared.logging import error_of, log
from komuna_shared.openapi_operations import DEMANDED

_LONGEST_WAIT = 0.3
_POINTER = "/header/processing-purpose"


class Purpose(StrEnum):
    """Why personal data is processed; each request in referrals says one, and it is recorded."""

    ASSISTANCE = "assistance"
    CRIMINAL_PROCEEDINGS = "criminal_proceedings"
    DATA_SUBJECT_RIGHTS = "data_subject_rights"
    IDENTIFICATION = "identification"
    OVERSIGHT = "oversight"
    RISK_ASSESSMENT = "risk_assessment"


_PURPOSES = ", ".join(f"`{one}`" for one in Purpose)


class PurposeMissingError(BadRequestError):
    """The request does not say why it wants personal data."""

    code = "purpose_missing"
    detail = "Say in the `Processing-Purpose` header why you ask: {purposes}."


class UnknownPurposeError(RuleError):
    """The request names a purpose that the register does not know."""

    code = "unknown_purpose"
    detail = "The `Processing-Purpose` header knows these purposes: {purposes}."


class AuditUnavailableError(UnavailableError):
    """The row that says who asked cannot be written, so nothing is served."""

    code = "audit_unavailable"
    detail = "The access cannot be recorded at the moment, so nothing is shown. Try again later."


class StaleAssignmentsError(UnavailableError):
    """The copy of who holds which role is too old to let anybody in by it."""

    code = "assignments_stale"
    detail = "Who holds which role is not known well enough at the moment. Try again later."


async def read_purpose(
    processing_purpose: Annotated[
        str | None,
        Header(
            description="Why you ask; it is recorded.",
            examples=["assistance"],
            json_schema_extra=DEMANDED | {"enum": [one.value for one in Purpose]},
        ),
    ] = None,
) -> Purpose:
    """Return the purpose the caller states, without ever repeating what was sent."""
    if processing_purpose is None:
        raise PurposeMissingError(errors=(FieldError(_POINTER, "missing"),), purposes=_PURPOSES)
    try:
        return Purpose(processing_purpose)
    except ValueError:
        errors = (FieldError(_POINTER, "unknown_purpose"),)
        raise UnknownPurposeError(errors=errors, purposes=_PURPOSES) from None


def _recorded(scope: str, action: str, *, roles: frozenset[str] | None = None) -> Any:
    """Declare a protected read: its audit row is committed before the route runs.

    With `roles`, whoever holds none is refused; without, a row they may not see is just not there.
    """

    async def record_read(
        request: Request,
        principal: Annotated[Principal, requires(scope)],
        purpose: Annotated[Purpose, Depends(read_purpose)],
    ) -> Caller:
        named = request.path_params.get("case_id")
        return await _record(
            request,
            principal,
            purpose=purpose,
            action=action,
            subject=None if named is None else ids.case_id(named),
            roles=roles,
        )

    return Depends(record_read)


async def _record(
    request: Request,
    principal: Principal,
    *,
    purpose: Purpose,
    action: str,
    subject: UUID | None,
    roles: frozenset[str] | None,
) -> Caller:
    database: Database = request.app.state.database
    trusted = request.app.state.settings.assignments_trusted_seconds
    try:
        # In a transaction of its own: a read that ends in 404 is rolled back, its record is not.
        async with asyncio.timeout(_LONGEST_WAIT), database.session() as session:
            session.info["trace_id"] = request.scope["state"]["trace_id"]
            age = await lag(await session.connection())
            is_stale = age is None or age > trusted
            caller = await load_caller(session, principal)
            is_refused = roles is not None and not caller.roles & roles
            await audit.record(
                session,
                principal,
                action=f"{action}.refused" if is_refused or is_stale else action,
                subject_type="case",
                subject_id="*" if subject is None else str(subject),
                purpose=purpose,
                institution=_only_institution(caller),
            )
    except Exception as failure:  # noqa: BLE001 -- whatever stops the record stops the read.
        log.error("audit_unwritable", **error_of(failure))
        raise AuditUnavailableError from None
    if is_stale:
        raise StaleAssignmentsError
    if is_refused:
        raise ForbiddenError
    return caller


def _only_institution(caller: Caller) -> str | None:
    """Return the institution a caller acts for, where there is no other it could be."""
    own = {one.institution for one in caller.assignments if one.institution}
    return own.pop() if len(own) == 1 else None


CaseReader = Annotated[Caller, _recorded("referrals.cases.read", "case.read")]
CaseListReader = Annotated[Caller, _recorded("referrals.cases.read", "case.list", roles=READERS)]
TaskReader = Annotated[Caller, _recorded("referrals.me.read", "task.list", roles=READERS)]
