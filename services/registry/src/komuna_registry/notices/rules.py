"""What is written to people, when it is tried again, and which addresses letters go to."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from komuna_shared.errors import FieldError, NotFoundError, RuleError


class Template(StrEnum):
    """What a notice says; never more than that something waits, and under which code."""

    REPORT_DUE = "report_due"
    REPORT_OVERDUE = "report_overdue"
    SUBMISSION_RETURNED = "submission_returned"
    REFERRAL_WAITING = "referral_waiting"
    OFFICER_ASKED = "officer_asked"
    MECHANISM_ASKED = "mechanism_asked"
    CONTACTS_ASKED = "contacts_asked"
    LETTER_WAITING = "letter_waiting"
    REQUEST_OVERDUE = "request_overdue"


class DeliveryState(StrEnum):
    """How far one letter is."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Channel(StrEnum):
    """By which way a letter left."""

    SMTP = "smtp"
    FOLDER = "folder"


class NoticeNotFoundError(NotFoundError):
    """There is no such notice."""

    detail = "There is no such notice."


class RecipientPlaceError(RuleError):
    """Neither a municipality nor an institution is named, or both."""

    code = "recipient_place"
    detail = "Name the municipality or the institution whose people are told, not both."


class RecipientUnknownError(RuleError):
    """There is no such municipality or institution."""

    code = "recipient_unknown"
    detail = "There is no such municipality or institution."


class NoticeParamsError(RuleError):
    """The template needs other parameters than were sent."""

    code = "notice_params"
    detail = "This template is filled with exactly these: {names}."


@dataclass(frozen=True, slots=True)
class Wording:
    """A letter in English, as the catalogues know it; placeholders hold codes, days and links."""

    subject: str
    body: str


WORDINGS: Mapping[Template, Wording] = {
    Template.REPORT_DUE: Wording(
        "A report to Komuna is due soon",
        "The report {obligation} for {period} is due on {due_on} and has not arrived yet. "
        "What is still to come: {link}",
    ),
    Template.REPORT_OVERDUE: Wording(
        "A report to Komuna is overdue",
        "The report {obligation} for {period} was due on {due_on} and has not arrived yet. "
        "Please send it, or say why a figure is missing. What is still to come: {link}",
    ),
    Template.SUBMISSION_RETURNED: Wording(
        "A report was returned to you in Komuna",
        "Your report {obligation} for {period} was returned with comments. "
        "Please correct what is marked and send it again: {link}",
    ),
    Template.REFERRAL_WAITING: Wording(
        "Something is waiting for you in Komuna",
        "Something is waiting for your answer in Komuna, under the number {referral}. "
        "Please sign in: {link}",
    ),
    Template.OFFICER_ASKED: Wording(
        "Your municipality is asked to appoint an officer",
        "A letter asks the mayor of your municipality to have an officer appointed by {due_on}. "
        "The letter, and the place to acknowledge and answer it: {link}",
    ),
    Template.MECHANISM_ASKED: Wording(
        "Your municipality is asked to establish a mechanism",
        "A letter asks the mayor of your municipality to have a mechanism established by {due_on}. "
        "The letter, and the place to acknowledge and answer it: {link}",
    ),
    Template.CONTACTS_ASKED: Wording(
        "Your municipality is asked for its contact list",
        "A letter asks the mayor of your municipality to have the contacts of its officers sent by "
        "{due_on}. The letter, and the place to acknowledge and answer it: {link}",
    ),
    Template.LETTER_WAITING: Wording(
        "A letter to your municipality is waiting",
        "A letter to the mayor of your municipality is waiting, to be answered by {due_on}. "
        "The letter, and the place to acknowledge and answer it: {link}",
    ),
    Template.REQUEST_OVERDUE: Wording(
        "What your municipality was asked for is overdue",
        "What your municipality was asked for in a letter was due on {due_on} and has not come in "
        "yet. The letter, and the place to answer it: {link}",
    ),
}
_ASKED = frozenset({"municipal_notice", "due_on"})
_PARAMS: Mapping[Template, frozenset[str]] = {
    Template.REPORT_DUE: frozenset({"obligation", "period", "due_on"}),
    Template.REPORT_OVERDUE: frozenset({"obligation", "period", "due_on"}),
    Template.SUBMISSION_RETURNED: frozenset({"submission", "obligation", "period"}),
    # An opaque number, and nothing that says what it is about.
    Template.REFERRAL_WAITING: frozenset({"referral"}),
    # The registry's own: no service sends them, for none of its requests can hold their number.
    Template.OFFICER_ASKED: _ASKED,
    Template.MECHANISM_ASKED: _ASKED,
    Template.CONTACTS_ASKED: _ASKED,
    Template.LETTER_WAITING: _ASKED,
    Template.REQUEST_OVERDUE: _ASKED,
}
_LETTER = "/registry/v1/municipal-notices/{municipal_notice}"
LINKS: Mapping[Template, str] = {
    Template.REPORT_DUE: "/indicators/v1/obligations/{obligation}/reports?period={period}",
    Template.REPORT_OVERDUE: "/indicators/v1/obligations/{obligation}/reports?period={period}",
    Template.SUBMISSION_RETURNED: "/indicators/v1/submissions/{submission}",
    # The address alone: a letter must not say what kind of thing is waiting.
    Template.REFERRAL_WAITING: "/",
    Template.OFFICER_ASKED: _LETTER,
    Template.MECHANISM_ASKED: _LETTER,
    Template.CONTACTS_ASKED: _LETTER,
    Template.LETTER_WAITING: _LETTER,
    Template.REQUEST_OVERDUE: _LETTER,
}
SIGNATURE = "This letter was sent by a machine. Nobody reads answers to it."

# A minute after the first failure, half a day before the last try: some 22 hours in all.
_WAITS = tuple(timedelta(minutes=one) for one in (1, 5, 15, 60, 180, 360, 720))
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_LONGEST_LOCAL, _LONGEST = 64, 254


def check_params(template: Template, names: Collection[str]) -> None:
    """Raise unless these are the parameters of the template, all of them and no other."""
    needed = _PARAMS[template]
    missing = [FieldError(f"/params/{name}", "missing") for name in sorted(needed - set(names))]
    other = [FieldError(f"/params/{name}", "unknown_field") for name in sorted(set(names) - needed)]
    if missing or other:
        named = ", ".join(f"`{name}`" for name in sorted(needed))
        raise NoticeParamsError(errors=(*missing, *other), names=named)


def find_address(contact: str | None) -> str | None:
    """Return the e-mail address that a work contact is, or None where it is something else."""
    if contact is None or len(contact) > _LONGEST or not _ADDRESS.fullmatch(contact):
        return None
    return contact if contact.index("@") <= _LONGEST_LOCAL else None


def find_wait(attempts: int) -> timedelta | None:
    """Return how long to wait after this many failures, or None when it is time to give up."""
    return _WAITS[attempts - 1] if attempts <= len(_WAITS) else None
