"""What municipalities are asked for, whom a letter goes to, and how far each of them is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from komuna_shared.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    NotFoundError,
    RuleError,
)


class SubjectKind(StrEnum):
    """What a notice asks for."""

    APPOINT_OFFICER = "appoint_officer"
    ESTABLISH_MECHANISM = "establish_mechanism"
    SEND_CONTACTS = "send_contacts"
    OTHER = "other"


class FulfilledBy(StrEnum):
    """How it was seen that a municipality did what it was asked for."""

    ANSWER = "answer"
    RULE = "rule"


class EvidenceType(StrEnum):
    """The kind of record that shows it."""

    MECHANISM = "mechanism"
    TENURE = "tenure"
    CONTACT = "contact"


class RecipientState(StrEnum):
    """How far one municipality is; the furthest that is true."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    ACKNOWLEDGED = "acknowledged"
    OVERDUE = "overdue"
    FULFILLED = "fulfilled"


class MunicipalNoticeNotFoundError(NotFoundError):
    """There is no such notice, or it is not the caller's to see."""

    detail = "There is no such notice."


class NotSenderError(ForbiddenError):
    """Nobody but a coordinator or the operator writes to municipalities."""

    detail = "Only a coordinator or the operator may write to municipalities."


class AsksError(RuleError):
    """What is asked for does not go with the kind of the notice."""

    code = "notice_asks"
    detail = "This kind of notice asks for something else, or its kind is not known."


class RecipientsError(RuleError):
    """Neither a list nor one rule says whom the notice goes to."""

    code = "notice_recipients"
    detail = "Name the municipalities, or give one rule that finds them."


class NoRecipientsError(RuleError):
    """Nobody would get the notice."""

    code = "no_recipients"
    detail = "No municipality of today is meant by this."


class DueError(RuleError):
    """The deadline has passed already."""

    code = "due_in_past"
    detail = "The deadline has passed already."


class TextsError(RuleError):
    """Some recipient could not read the text."""

    code = "notice_texts"
    detail = "The text is missing in a language that a recipient reads: {languages}."


class AcknowledgedError(ConflictError):
    """The municipality has acknowledged the notice before."""

    code = "acknowledged_already"
    detail = "This municipality has acknowledged this notice already."


class FulfilledError(ConflictError):
    """The municipality has done what it was asked for."""

    code = "fulfilled_already"
    detail = "This municipality has done already what this notice asks for."


class EvidenceError(RuleError):
    """The record that an answer names does not show what was asked for."""

    code = "evidence_unfit"
    detail = "Name a record of this municipality that shows what was asked for."


EVIDENCE: Mapping[SubjectKind, EvidenceType | None] = {
    SubjectKind.APPOINT_OFFICER: EvidenceType.TENURE,
    SubjectKind.ESTABLISH_MECHANISM: EvidenceType.MECHANISM,
    SubjectKind.SEND_CONTACTS: EvidenceType.CONTACT,
    SubjectKind.OTHER: None,
}
# Serbian is written once, in Latin letters; Cyrillic follows from it.
_WRITTEN = {"sr-Cyrl": "sr-Latn"}


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of one municipality: its e-mails counted by state, and what it did."""

    queued_count: int
    sent_count: int
    failed_count: int
    acknowledged_at: datetime | None
    fulfilled_at: datetime | None


def check_asks(
    subject: SubjectKind, *, mechanism_kind: str | None, office_kind: str | None
) -> None:
    """Raise unless exactly what this kind of notice needs is named."""
    needs = {
        "mechanism_kind": subject is SubjectKind.ESTABLISH_MECHANISM,
        "office_kind": subject is SubjectKind.APPOINT_OFFICER,
    }
    given = {"mechanism_kind": mechanism_kind, "office_kind": office_kind}
    # Contacts may be asked for of all officers, or of one kind.
    free = {"office_kind"} if subject is SubjectKind.SEND_CONTACTS else set()
    wrong = [
        FieldError(f"/asks/{name}", AsksError.code)
        for name, is_needed in needs.items()
        if (given[name] is not None) != is_needed and name not in free
    ]
    if wrong:
        raise AsksError(errors=tuple(wrong))


def check_due(due_on: date, today: date) -> None:
    """Raise unless the deadline is still ahead."""
    if due_on < today:
        raise DueError(errors=(FieldError("/due_on", DueError.code),))


def check_texts(
    subject: SubjectKind,
    subjects: Mapping[str, str] | None,
    texts: Mapping[str, str] | None,
    languages: Iterable[str],
) -> None:
    """Raise unless every recipient can read what is written in the sender's own words."""
    needed = {_WRITTEN.get(one, one) for one in languages}
    own = {"subjects": subjects, "texts": texts}
    missing: set[str] = set()
    wrong = []
    for name, written in own.items():
        if written is None and subject is not SubjectKind.OTHER:
            continue
        lacking = needed - set(written or {})
        if lacking:
            missing |= lacking
            wrong.append(FieldError(f"/{name}", TextsError.code))
    if wrong:
        named = ", ".join(f"`{one}`" for one in sorted(missing))
        raise TextsError(errors=tuple(wrong), languages=named)


def find_state(progress: Progress, due_on: date, today: date) -> RecipientState:
    """Return how far a municipality is; a day that is due is not over yet."""
    if progress.fulfilled_at is not None:
        return RecipientState.FULFILLED
    if due_on < today:
        return RecipientState.OVERDUE
    if progress.acknowledged_at is not None:
        return RecipientState.ACKNOWLEDGED
    return find_delivery(progress)


def find_delivery(progress: Progress) -> RecipientState:
    """Return how far its e-mails are: one that arrived is enough, one that waits may arrive."""
    if progress.sent_count:
        return RecipientState.SENT
    if progress.queued_count:
        return RecipientState.QUEUED
    return RecipientState.FAILED if progress.failed_count else RecipientState.UNREACHABLE
