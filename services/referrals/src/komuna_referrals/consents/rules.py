"""The vocabulary of consent: what for, to whom, which data, and on what else data may rest."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from komuna_shared.errors import ConflictError, FieldError, RuleError


class DataClass(StrEnum):
    """The kinds of data about a person; all but F and I are encrypted."""

    IDENTITY = "A"
    WHEREABOUTS = "B"
    ACCOUNT = "C"
    HEALTH = "D"
    PROCEEDINGS = "E"
    NEEDS = "F"
    FAMILY = "G"
    PERPETRATOR = "H"
    ADMINISTRATION = "I"


SEALED = frozenset(DataClass) - {DataClass.NEEDS, DataClass.ADMINISTRATION}
"""The classes that have keys."""

SHARED = SEALED - {DataClass.PERPETRATOR}
"""The classes whose keys go over to a receiver; why somebody is shut out is the owner's alone."""


class ConsentPurpose(StrEnum):
    """What a person is asked to agree to; each is asked for on its own."""

    INTERVIEW = "interview"
    RECORD_KEEPING = "record_keeping"
    SERVICE_PROVISION = "service_provision"
    SHARE_WITH_NAMED_RECIPIENT = "share_with_named_recipient"
    SHARE_WITH_POLICE = "share_with_police"
    SHARE_WITH_PROSECUTION = "share_with_prosecution"
    STATISTICS_NON_IDENTIFYING = "statistics_non_identifying"
    RESEARCH_NON_IDENTIFYING = "research_non_identifying"
    CROSS_BORDER_SHARING = "cross_border_sharing"
    CONTACT_FOR_FOLLOW_UP = "contact_for_follow_up"


SHARING = frozenset(
    {
        ConsentPurpose.SHARE_WITH_NAMED_RECIPIENT,
        ConsentPurpose.SHARE_WITH_POLICE,
        ConsentPurpose.SHARE_WITH_PROSECUTION,
        ConsentPurpose.CROSS_BORDER_SHARING,
    }
)
"""The purposes that name a recipient, to whom the data then may go."""


class ConsentState(StrEnum):
    """Where a consent stands; `given` is alive."""

    REQUESTED = "requested"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    INVALIDATED = "invalidated"
    RENEWED = "renewed"


ANSWERS = frozenset({ConsentState.GIVEN, ConsentState.REFUSED})
"""The states in which a consent is recorded; the others come later."""


class LegalBasis(StrEnum):
    """What the record rests on: the person's consent, or a rule that needs none."""

    CONSENT = "consent"
    VITAL_INTEREST = "vital_interest"
    CHILD_BEST_INTEREST = "child_best_interest"
    LEGAL_OBLIGATION = "legal_obligation"
    COURT_ORDER = "court_order"
    PUBLIC_TASK_IDENTIFICATION = "public_task_identification"


class ConsentMethod(StrEnum):
    """How the person answered, or withdrew."""

    SIGNATURE = "signature"
    THUMBPRINT = "thumbprint"
    RECORDED_ORAL = "recorded_oral"
    WITNESSED_ORAL = "witnessed_oral"
    DIGITAL_SIGNATURE = "digital_signature"


class GivenBy(StrEnum):
    """Who answered; for a child it may be somebody else."""

    PERSON = "person"
    PARENT = "parent"
    LEGAL_GUARDIAN = "legal_guardian"
    TEMPORARY_GUARDIAN_CSW = "temporary_guardian_csw"
    COURT_APPOINTED = "court_appointed"


@dataclass(frozen=True, slots=True)
class Basis:
    """The live record that allows a disclosure, and of which kind it is."""

    id: UUID
    kind: LegalBasis


class ConsentTextError(RuleError):
    """No such text was read to anybody."""

    code = "consent_text_unknown"
    detail = "Name a text, version and language from the list of consent texts."


class AnswerError(RuleError):
    """A consent is recorded when the person has answered."""

    code = "consent_answer"
    detail = "A consent is recorded as `given` or `refused`."


class RecipientError(RuleError):
    """A sharing purpose without recipient, or a recipient where nothing is shared."""

    code = "consent_recipient"
    detail = "A purpose that shares data names its recipient; any other purpose names none."


class ApproverError(RuleError):
    """A basis without consent needs a second person."""

    code = "consent_approver"
    detail = "A basis without consent names an approver who is not you and holds a role today."


class ConsentPeriodError(RuleError):
    """The consent would end before it begins, or was given in the future."""

    code = "consent_period"
    detail = "The end comes after the day on which it was given, and that day is not to come."


class WitnessError(RuleError):
    """What was said aloud before a witness names none."""

    code = "witness_missing"
    detail = "A consent given aloud before a witness names the witness."


class NotLiveError(ConflictError):
    """Only what was asked for or given can be withdrawn."""

    code = "consent_not_live"
    detail = "This consent is no longer alive."


def check_recipient(purpose: ConsentPurpose, recipient: str | None) -> None:
    """Raise unless the recipient is named exactly where data is shared."""
    if (purpose in SHARING) != (recipient is not None):
        raise RecipientError(errors=(FieldError("/recipient", RecipientError.code),))


def check_period(given_on: date, valid_until: date | None, *, today: date) -> None:
    """Raise unless the day is past or today and the end, if there is one, comes after it."""
    if given_on > today or (valid_until is not None and valid_until <= given_on):
        raise ConsentPeriodError(errors=(FieldError("/valid_until", ConsentPeriodError.code),))


def check_witness(method: ConsentMethod, witness: str | None) -> None:
    """Raise when the method needs a witness and none is named."""
    if method is ConsentMethod.WITNESSED_ORAL and witness is None:
        raise WitnessError(errors=(FieldError("/witness", WitnessError.code),))


def check_approver(basis: LegalBasis, approver: str | None, *, recorder: str) -> None:
    """Raise unless a basis without consent, and only that, names a second person."""
    is_needed = basis is not LegalBasis.CONSENT
    if is_needed != (approver is not None) or approver == recorder:
        raise ApproverError(errors=(FieldError("/approver", ApproverError.code),))
