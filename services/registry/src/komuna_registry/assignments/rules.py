"""Where each role is held, and who may grant it to whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from komuna_registry.accounts.rules import Role
from komuna_registry.institutions.rules import InstitutionKind
from komuna_shared.errors import FieldError, ForbiddenError, NotFoundError, RuleError

_MUNICIPAL = frozenset({Role.MUNICIPAL_OFFICER, Role.MUNICIPAL_ADMIN})
_ANYWHERE = frozenset({Role.FRONTEND, Role.OPS})
_EVERYWHERE = frozenset({Role.INSTITUTION_ADMIN, Role.INSTITUTION_REPORTER})
_BY_KIND: Mapping[InstitutionKind, frozenset[Role]] = {
    InstitutionKind.POLICE: frozenset({Role.FIRST_RESPONDER, Role.INVESTIGATOR}),
    InstitutionKind.PROSECUTION: frozenset({Role.PROSECUTOR_LIAISON}),
    InstitutionKind.JUSTICE: frozenset({Role.ADVOCATE, Role.CASE_OWNER, Role.SUPERVISOR}),
    InstitutionKind.SOCIAL_WORK: frozenset(
        {Role.SOCIAL_WORKER, Role.CASE_OWNER, Role.SUPERVISOR, Role.PROVIDER}
    ),
    InstitutionKind.HEALTH: frozenset({Role.FIRST_RESPONDER, Role.PROVIDER}),
    InstitutionKind.SHELTER: frozenset({Role.SHELTER_INTAKE, Role.PROVIDER}),
    InstitutionKind.CIVIL_SOCIETY: frozenset({Role.FIRST_RESPONDER, Role.PROVIDER}),
}


class AssignmentNotFoundError(NotFoundError):
    """There is no such assignment, or it is not the caller's to see."""

    detail = "There is no such assignment."


class SelfGrantError(ForbiddenError):
    """Nobody grants a role to themselves."""

    code = "self_grant"
    detail = "Nobody may grant a role to themselves."


class NotGrantableError(ForbiddenError):
    """The caller's roles do not allow granting this one there."""

    code = "not_grantable"
    detail = "Your roles do not allow you to grant this role there."


class PlaceError(RuleError):
    """The role is not held at such a place."""

    code = "assignment_place"
    detail = "A municipal role needs a municipality; any other role needs an institution."


class AssignmentPeriodError(RuleError):
    """The assignment would end before it begins."""

    code = "period_order"
    detail = "The end comes before the beginning."


class DelegationNotFoundError(NotFoundError):
    """There is no such delegation, or the caller did not lend it."""

    detail = "There is no such delegation."


class LentOnError(ForbiddenError):
    """What was lent is lent on."""

    code = "lent_on"
    detail = "What was lent to you may not be lent on."


class DelegationPeriodError(RuleError):
    """The delegation would reach beyond the assignment that it is lent from, or is over."""

    code = "delegation_period"
    detail = "A role is lent for a time that is not over and within the time for which you hold it."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a role is held."""

    institution: str | None = None
    municipality: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """From when until when something holds; without an end it goes on."""

    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """A role that the granter holds now."""

    role: str
    place: Place


def check_place(role: Role, place: Place) -> None:
    """Raise unless the role can be held there."""
    if role in _MUNICIPAL:
        is_fitting = place.municipality is not None and place.institution is None
    elif role in _ANYWHERE:
        is_fitting = place.municipality is None
    else:
        is_fitting = place.institution is not None
    if not is_fitting:
        pointer = "/municipality" if role in _MUNICIPAL else "/institution"
        raise PlaceError(errors=(FieldError(pointer, PlaceError.code),))


def check_period(valid_from: date, valid_until: date | None) -> None:
    """Raise unless the end, if there is one, comes after the beginning."""
    if valid_until is not None and valid_until <= valid_from:
        raise AssignmentPeriodError(errors=(FieldError("/valid_until", "period_order"),))


def check_delegation(own: Term, lent: Term, today: date) -> None:
    """Raise unless what is lent lies within the own term, and is not over."""
    until = lent.valid_until
    wrong = []
    if lent.valid_from < own.valid_from:
        wrong.append("/valid_from")
    if until is None or until <= today or (own.valid_until is not None and until > own.valid_until):
        wrong.append("/valid_until")
    if wrong:
        code = DelegationPeriodError.code
        raise DelegationPeriodError(errors=tuple(FieldError(one, code) for one in wrong))


def check_grant(
    held: Iterable[Held], role: Role, place: Place, *, kind: InstitutionKind | None
) -> None:
    """Raise unless one of the held roles allows granting `role` there.

    `kind` is the kind of the institution, if there is one.
    """
    if not any(_may_grant(one, role, place, kind) for one in held):
        raise NotGrantableError


def _may_grant(held: Held, role: Role, place: Place, kind: InstitutionKind | None) -> bool:
    if held.role == Role.OPS:
        return True
    if held.role == Role.MUNICIPAL_ADMIN:
        return role in _MUNICIPAL and place == Place(municipality=held.place.municipality)
    if held.role == Role.INSTITUTION_ADMIN and kind is not None:
        allowed = _EVERYWHERE | _BY_KIND.get(kind, frozenset())
        return role in allowed and place.institution == held.place.institution
    return False
