"""The life of a referral: a table of who may move it from where to where, and with which words."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from komuna_shared.errors import ConflictError, FieldError, ForbiddenError, RuleError


class State(StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    CONSENT_PENDING = "consent_pending"
    SENT = "sent"
    DELIVERED = "delivered"
    INFO_REQUESTED = "info_requested"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    FAILED = "failed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REDIRECTED = "redirected"
    ENTERED_IN_ERROR = "entered_in_error"


class Actor(StrEnum):
    """Who moves a referral; the person speaks through the sender."""

    SENDER = "sender"
    RECEIVER = "receiver"
    SYSTEM = "system"


class Priority(StrEnum):
    """How soon an answer is due; how many hours that is, is a row of data."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    NORMAL = "normal"


class Handover(StrEnum):
    """How the person comes from one institution to the other."""

    ACCOMPANIED = "accompanied"
    IN_PERSON = "in_person"
    SECURE_PLATFORM = "secure_platform"
    PHONE_THEN_PLATFORM = "phone_then_platform"
    SEALED_PAPER = "sealed_paper"


class Question(StrEnum):
    """What a receiver may ask before it accepts: about needs alone, and never in free words."""

    LANGUAGES = "languages"
    ACCESSIBILITY = "accessibility"
    ARRIVAL = "arrival"
    LENGTH_OF_STAY = "length_of_stay"
    TRANSPORT = "transport"
    ESCORT = "escort"
    FURTHER_NEEDS = "further_needs"


class RefusalReason(StrEnum):
    """Why a receiver declines, pauses or gives up."""

    NO_CAPACITY = "no_capacity"
    WAITLIST_ONLY = "waitlist_only"
    NOT_ELIGIBLE_AGE = "not_eligible_age"
    NOT_ELIGIBLE_SEX = "not_eligible_sex"
    NOT_ELIGIBLE_STATUS = "not_eligible_status"
    NOT_ELIGIBLE_AREA = "not_eligible_area"
    SERVICE_NOT_PROVIDED = "service_not_provided"
    SERVICE_SUSPENDED = "service_suspended"
    SAFETY_CONFLICT = "safety_conflict"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    ALREADY_SERVED_ELSEWHERE = "already_served_elsewhere"
    INSUFFICIENT_INFORMATION = "insufficient_information"
    LANGUAGE_OR_ACCESS_NOT_AVAILABLE = "language_or_access_not_available"
    PERSON_DECLINED = "person_declined"
    PERSON_NOT_REACHABLE = "person_not_reachable"
    DUPLICATE_REFERRAL = "duplicate_referral"
    LEGAL_IMPEDIMENT = "legal_impediment"
    OTHER = "other"


class WithdrawalReason(StrEnum):
    """Why a sender takes a referral back."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    NEED_ENDED = "need_ended"
    FOUND_OTHER_SERVICE = "found_other_service"
    RISK_CHANGED = "risk_changed"
    SENT_TO_WRONG_RECIPIENT = "sent_to_wrong_recipient"
    RECIPIENT_NO_LONGER_LICENSED = "recipient_no_longer_licensed"
    CASE_CLOSED = "case_closed"
    OTHER = "other"


class Outcome(StrEnum):
    """What came of a referral."""

    DELIVERED_IN_FULL = "delivered_in_full"
    DELIVERED_IN_PART = "delivered_in_part"
    NOT_DELIVERED = "not_delivered"
    PERSON_DID_NOT_ATTEND = "person_did_not_attend"
    PERSON_LEFT_SERVICE = "person_left_service"
    HANDED_ON = "handed_on"
    UNKNOWN = "unknown"


_SENT = (State.SENT, State.DELIVERED, State.INFO_REQUESTED)
_TAKEN = (State.ACCEPTED, State.IN_PROGRESS, State.ON_HOLD)

STEPS: frozenset[tuple[State, State, Actor]] = frozenset(
    {
        (State.DRAFT, State.CONSENT_PENDING, Actor.SENDER),
        (State.CONSENT_PENDING, State.SENT, Actor.SENDER),
        (State.SENT, State.DELIVERED, Actor.RECEIVER),
        (State.DELIVERED, State.INFO_REQUESTED, Actor.RECEIVER),
        (State.INFO_REQUESTED, State.DELIVERED, Actor.SENDER),
        (State.DELIVERED, State.ACCEPTED, Actor.RECEIVER),
        *((one, State.DECLINED, Actor.RECEIVER) for one in _SENT),
        *((one, State.REDIRECTED, Actor.SENDER) for one in _SENT),
        *((one, State.EXPIRED, Actor.SYSTEM) for one in _SENT),
        *((one, State.WITHDRAWN, Actor.SENDER) for one in (*_SENT, *_TAKEN)),
        (State.ACCEPTED, State.IN_PROGRESS, Actor.RECEIVER),
        (State.IN_PROGRESS, State.ON_HOLD, Actor.RECEIVER),
        (State.ON_HOLD, State.IN_PROGRESS, Actor.RECEIVER),
        (State.IN_PROGRESS, State.COMPLETED, Actor.RECEIVER),
        *((one, State.FAILED, Actor.RECEIVER) for one in _TAKEN),
    }
)
"""Every step there is. Beside it, the sender's supervisor may call any referral an error."""

FINAL = frozenset(State) - {source for source, _, _ in STEPS}
"""The states without a way out."""

SEALED = frozenset(_SENT)
"""The states in which the receiver sees the envelope and nothing else."""

TAKEN = frozenset(_TAKEN)
"""The states in which the receiver has the case open."""

REQUIRED: Mapping[State, frozenset[str]] = {
    State.ACCEPTED: frozenset({"responsible", "handover", "meet_at"}),
    State.COMPLETED: frozenset({"outcome", "needs_met"}),
    State.DECLINED: frozenset({"reason"}),
    State.ENTERED_IN_ERROR: frozenset({"reason"}),
    State.FAILED: frozenset({"reason"}),
    State.INFO_REQUESTED: frozenset({"questions"}),
    State.ON_HOLD: frozenset({"reason"}),
    State.REDIRECTED: frozenset({"reason"}),
    State.WITHDRAWN: frozenset({"reason"}),
}
"""What each state needs to be told; what it does not need, it does not take."""

REFUSALS = frozenset({State.DECLINED, State.FAILED, State.ON_HOLD})
"""The states whose reason is the receiver's own."""

ENDINGS = frozenset({State.WITHDRAWN, State.ENTERED_IN_ERROR, State.COMPLETED, State.FAILED})
"""The states that take the keys back from whoever had accepted."""

BEGINNINGS = frozenset({State.SENT, State.ACCEPTED})
"""The states in which somebody new comes to know of a case."""

_ANSWERING: frozenset[str] = frozenset({"needs"})


class NoSuchStepError(ConflictError):
    """The referral does not go there from where it is."""

    code = "no_such_step"
    detail = "The referral cannot go from its present state to that one. Read it again."


class NotYourStepError(ForbiddenError):
    """The other side makes this step."""

    code = "not_your_step"
    detail = "This step is for the other institution, or for another role of yours."


class DetailsError(RuleError):
    """A step lacks what it must say, or says what it has no place for."""

    code = "step_details"
    detail = "The list of errors says what this step needs, and what it does not take."


class ServiceUnknownError(RuleError):
    """The directory has no such service that may be referred to today."""

    code = "service_not_available"
    detail = "The directory has no active service of that code with a licence valid today."


class RecipientBlockedError(RuleError):
    """The person must not be known to this institution."""

    code = "recipient_blocked"
    detail = "This institution is on the block list of the case."


class OwnServiceError(RuleError):
    """A referral goes to another institution."""

    code = "own_service"
    detail = "A referral goes to another institution; this service is your own."


class ConsentMissingError(RuleError):
    """Nothing allows the data to go there."""

    code = "consent_missing"
    detail = "No live consent or other basis covers this recipient and these classes."


def check_step(source: State, target: State, actor: Actor, roles: Collection[str]) -> None:
    """Raise unless this side may move a referral from one state to another."""
    if target is State.ENTERED_IN_ERROR and source is not State.ENTERED_IN_ERROR:
        if actor is not Actor.SENDER or "supervisor" not in roles:
            raise NotYourStepError
        return
    makers = {by for start, end, by in STEPS if (start, end) == (source, target)}
    if not makers:
        raise NoSuchStepError
    if actor not in makers:
        raise NotYourStepError


def check_details(source: State, target: State, given: Collection[str], reason: str | None) -> None:
    """Raise unless a step says exactly what it must."""
    needed = REQUIRED.get(target, frozenset())
    if (source, target) == (State.INFO_REQUESTED, State.DELIVERED):
        needed = _ANSWERING
    wrong = [FieldError(f"/{name}", "missing") for name in sorted(needed - set(given))]
    wrong += [FieldError(f"/{name}", "unknown_field") for name in sorted(set(given) - needed)]
    known: type[StrEnum] = RefusalReason if target in REFUSALS else WithdrawalReason
    if reason is not None and reason not in {one.value for one in known}:
        wrong.append(FieldError("/reason", "unknown_reason"))
    if wrong:
        raise DetailsError(errors=tuple(wrong))
