"""Who may call: the aliases that routes name, each of which records the read before it happens."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from komuna_referrals import ids
from komuna_referrals.freshness import StaleAssignmentsError, is_stale
from komuna_referrals.roles import MOVERS, OPENERS, READERS, WRITERS
from komuna_referrals.trail import written_within
from komuna_shared import audit
from komuna_shared.access import Caller, Principal, requires
from komuna_shared.database import Database
from komuna_shared.errors import (
    BadRequestError,
    FieldError,
    ForbiddenError,
    RuleError,
    ServiceError,
)
from komuna_shared.follower import lag, load_caller
from komuna_shared.openapi_operations import DEMANDED

_POINTER = "/header/processing-purpose"
_INSTITUTION = "/header/acting-institution"
_AT_ONCE = {"isolation_level": "AUTOCOMMIT"}


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


class InstitutionMissingError(BadRequestError):
    """The caller acts for several institutions and does not say for which now."""

    code = "acting_institution_missing"
    detail = "You act for several institutions: say in `Acting-Institution` for which now."


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


async def read_institution(
    acting_institution: Annotated[
        str | None,
        Header(
            description="For which institution you ask; needed if you act for several.",
            examples=["centre-for-social-work-prizren"],
            max_length=100,
        ),
    ] = None,
) -> str | None:
    """Return the institution that the caller says they act for."""
    return acting_institution


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a route asks of its caller, and how it is written down."""

    action: str
    about: str
    roles: frozenset[str] | None
    starts: bool


def recorded(
    scope: str,
    action: str,
    *,
    roles: frozenset[str] | None = None,
    about: str = "case",
    starts: bool = False,
) -> Any:
    """Declare a protected route: its audit row is committed before the route runs.

    With `roles`, whoever holds none is refused; without, a row they may not see is just not there.
    `about` is the type of what is asked for; its id is the path parameter `{about}_id`. What
    `starts` something new needs a fresher copy of who holds which role.
    """
    asked = _Asked(action, about, roles, starts)

    async def record_access(
        request: Request,
        principal: Annotated[Principal, requires(scope)],
        purpose: Annotated[Purpose, Depends(read_purpose)],
        named: Annotated[str | None, Depends(read_institution)],
    ) -> Caller:
        return await _record(request, principal, asked, purpose=purpose, named=named)

    return Depends(record_access)


async def _record(
    request: Request, principal: Principal, asked: _Asked, *, purpose: Purpose, named: str | None
) -> Caller:
    database: Database = request.app.state.database
    settings = request.app.state.settings
    # Not in the route's transaction: a read that ends in 404 is rolled back, its record is not.
    # It is one row, and there with the statement that writes it.
    async with written_within(settings.trail_wait_seconds), database.session() as session:
        session.info["trace_id"] = request.scope["state"]["trace_id"]
        age = await lag(await session.connection(execution_options=_AT_ONCE))
        caller = _acting(await load_caller(session, principal), named)
        own = frozenset(one.institution for one in caller.assignments if one.institution)
        too_old = is_stale(age, settings, starts=asked.starts)
        error = _refusal(asked, own, caller, too_old=too_old)
        await audit.record(
            session,
            principal,
            action=f"{asked.action}.refused" if error else asked.action,
            subject_type=asked.about,
            subject_id=_subject(request, asked.about),
            purpose=purpose,
            # Only one that is held, never what was typed.
            institution=min(own) if len(own) == 1 else None,
        )
    if error is not None:
        raise error
    return caller


def _acting(caller: Caller, named: str | None) -> Caller:
    """Return the caller as the one institution they act for.

    Postgres finds the same by the ticket: who holds a role elsewhere does not hold it here.
    """
    if named is None:
        return caller
    kept = tuple(one for one in caller.assignments if one.institution in {None, named})
    return Caller(caller.principal, kept)


def _refusal(
    asked: _Asked, own: frozenset[str], caller: Caller, *, too_old: bool
) -> ServiceError | None:
    if too_old:
        return StaleAssignmentsError()
    if asked.roles is not None and not caller.roles & asked.roles:
        return ForbiddenError()
    if len(own) > 1:
        return InstitutionMissingError(errors=(FieldError(_INSTITUTION, "missing"),))
    return None


def _subject(request: Request, about: str) -> str:
    named = request.path_params.get(f"{about}_id")
    return "*" if named is None else str(ids.case_id(named))


# Where Postgres alone says which rows, it knows institutions and no roles: so the roles before.
_reading = partial(recorded, roles=READERS)
_writing = partial(recorded, roles=WRITERS)

CaseReader = Annotated[Caller, recorded("referrals.cases.read", "case.read")]
CaseListReader = Annotated[Caller, _reading("referrals.cases.read", "case.list")]
TaskReader = Annotated[Caller, _reading("referrals.me.read", "task.list")]

CaseOpener = Annotated[
    Caller, recorded("referrals.cases.write", "case.open", roles=OPENERS, starts=True)
]
CaseDecider = Annotated[Caller, _writing("referrals.cases.write", "case.decide")]
CaseHistoryReader = Annotated[Caller, recorded("referrals.cases.read", "case.history")]
PartnerWriter = Annotated[Caller, _writing("referrals.cases.write", "partner.add", starts=True)]
BlockReader = Annotated[Caller, recorded("referrals.cases.read", "block.list")]
BlockWriter = Annotated[Caller, _writing("referrals.cases.write", "block.add")]
PersonReader = Annotated[Caller, recorded("referrals.people.read", "person.read")]
PersonWriter = Annotated[Caller, _writing("referrals.people.write", "person.write")]
PersonMatcher = Annotated[Caller, _writing("referrals.people.read", "person.match")]
AccountReader = Annotated[Caller, recorded("referrals.people.read", "account.read")]

ConsentTextReader = Annotated[Caller, recorded("referrals.consents.read", "consent_text.list")]
ConsentReader = Annotated[Caller, _reading("referrals.consents.read", "consent.list")]
ConsentWriter = Annotated[Caller, _writing("referrals.consents.write", "consent.record")]
ConsentWithdrawer = Annotated[
    Caller, _writing("referrals.consents.write", "consent.withdraw", about="consent")
]
DisclosureReader = Annotated[Caller, _reading("referrals.disclosures.read", "disclosure.list")]
ReferralReader = Annotated[
    Caller, recorded("referrals.referrals.read", "referral.read", about="referral")
]
ReferralListReader = Annotated[
    Caller, _reading("referrals.referrals.read", "referral.list", about="referral")
]
ReferralWriter = Annotated[
    Caller, _writing("referrals.referrals.write", "referral.open", about="referral", starts=True)
]
ReferralMover = Annotated[
    Caller, recorded("referrals.referrals.write", "referral.move", about="referral", roles=MOVERS)
]
