"""What coordinators send to municipalities, and what both sides see of it."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from komuna_registry.fields import Code
from komuna_shared.days import Day

from .rules import EvidenceType, FulfilledBy, RecipientState, SubjectKind

_ASKS: JsonDict = {"mechanism_kind": None, "office_kind": "gender_equality_officer"}
_RECIPIENTS: JsonDict = {"without_officer": "gender_equality_officer"}
_EVIDENCE: JsonDict = {"type": "tenure", "id": "0197a3c0-7d1e-7c6f-a6e6-c69e8470ada3"}
_NOTICE: JsonDict = {
    "id": "0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1",
    "subject_kind": "appoint_officer",
    "asks": _ASKS,
    "recipients": _RECIPIENTS,
    "subjects": None,
    "texts": {"sq": "Sipas ligjit.", "sr-Latn": "Prema zakonu.", "en": "As the law demands."},
    "due_on": "2026-12-31",
    "institution": "mlg",
    "created_at": "2026-11-16T08:00:00Z",
    "states": {"sent": 1},
}
_RECIPIENT: JsonDict = {
    "municipality": "viti",
    "label": "Viti",
    "label_language": "sq",
    "language": "sq",
    "state": "acknowledged",
    "delivery": "sent",
    "queued_count": 0,
    "sent_count": 1,
    "failed_count": 0,
    "acknowledged_at": "2026-11-17T09:00:00Z",
    "answered_at": None,
    "answer": None,
    "fulfilled_at": None,
    "fulfilled_by": None,
    "evidence": None,
    "reminded_at": None,
    "letter": "/registry/v1/municipal-notices/0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1/letters/viti",
    "version": 2,
}

Written = Literal["sq", "sr-Latn", "en"]
Subject = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Paragraphs = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
Answer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class AsksIn(BaseModel):
    """What is asked for: a mechanism or an office of this kind; contacts of one kind or of all."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_ASKS]})

    mechanism_kind: Code | None = None
    office_kind: Code | None = None


class RecipientsIn(BaseModel):
    """Whom it goes to: a list, all of today's, or whom one rule finds on the day of sending.

    `lacking_mechanism` are those whose coverage says `missing` or `vacant`; what is unknown lacks
    nothing. `without_contact` and `without_officer` are those for which none is registered today.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_RECIPIENTS]})

    municipalities: (
        Annotated[list[Code], Field(min_length=1, max_length=100)] | Literal["all"] | None
    ) = None
    lacking_mechanism: Code | None = Field(default=None, description="A kind of mechanism.")
    without_contact: Code | None = Field(default=None, description="A kind of office.")
    without_officer: Code | None = Field(default=None, description="A kind of office.")
    region: Code | None = None


class MunicipalNoticeIn(BaseModel):
    """A letter to the mayors of some municipalities, with a deadline.

    `appoint_officer`, `establish_mechanism` and `send_contacts` have sentences of their own, to
    which `texts` may add; `other` is in the sender's words alone. Cyrillic follows from `sr-Latn`.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "subject_kind": "appoint_officer",
                    "asks": {"office_kind": "gender_equality_officer"},
                    "recipients": _RECIPIENTS,
                    "texts": _NOTICE["texts"],
                    "due_on": "2026-12-31",
                }
            ]
        },
    )

    subject_kind: SubjectKind
    asks: AsksIn = AsksIn()
    recipients: RecipientsIn
    subjects: dict[Written, Subject] | None = Field(
        default=None, min_length=1, description="What the letter is about, in each language."
    )
    texts: dict[Written, Paragraphs] | None = Field(
        default=None, min_length=1, description="The sender's own words, in each language."
    )
    due_on: Day


class AsksOut(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ASKS]})

    mechanism_kind: str | None
    office_kind: str | None


class MunicipalNoticeOut(BaseModel):
    """A notice, and how many of the municipalities that you may see of it are how far."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NOTICE]})

    id: UUID
    subject_kind: SubjectKind
    asks: AsksOut
    recipients: dict[str, str | list[str]] = Field(
        description="The list or the rule; only for the sender.",
    )
    subjects: dict[str, str] | None
    texts: dict[str, str] | None
    due_on: date
    institution: str | None = Field(description="The sender; null is the operator of Komuna.")
    created_at: datetime
    states: dict[RecipientState, int]


class EvidenceOut(BaseModel):
    """The record that shows what was asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EVIDENCE]})

    type: EvidenceType
    id: str


class MunicipalRecipientOut(BaseModel):
    """How far one municipality is, and what became of its e-mails and of the request."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RECIPIENT]})

    municipality: str
    label: str
    label_language: str
    language: str = Field(description="The language of the letter unless `lang` names another.")
    state: RecipientState
    delivery: RecipientState = Field(
        description="`unreachable` where no officer has an e-mail address: print the letter."
    )
    queued_count: int
    sent_count: int
    failed_count: int
    acknowledged_at: datetime | None
    answered_at: datetime | None
    answer: str | None
    fulfilled_at: datetime | None
    fulfilled_by: FulfilledBy | None
    evidence: EvidenceOut | None
    reminded_at: datetime | None
    letter: str = Field(description="The letter to the mayor, as PDF.")
    version: int


class MunicipalNoticePageOut(MunicipalNoticeOut):
    """A notice with every municipality that you may see of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_NOTICE, "items": [_RECIPIENT]}]})

    items: list[MunicipalRecipientOut]


class AcknowledgementIn(BaseModel):
    """Your municipality has the letter."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"municipality": "viti"}]}
    )

    municipality: Code


class EvidenceIn(BaseModel):
    """A record of your municipality: the code of a mechanism, the id of a tenure or contact."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EVIDENCE]})

    type: EvidenceType
    id: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class AnswerIn(BaseModel):
    """What your municipality answers; with evidence, or to a letter of kind `other`, it is done.

    Without evidence the answer is kept and the request stays open.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"municipality": "viti", "text": "Zyrtarja u caktua.", "evidence": _EVIDENCE}
            ]
        },
    )

    municipality: Code
    text: Answer
    evidence: EvidenceIn | None = None
