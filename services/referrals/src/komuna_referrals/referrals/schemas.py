"""What callers send and receive about referrals: an envelope first, the case after acceptance."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from komuna_referrals.cases.schemas import Need
from komuna_referrals.consents.rules import DataClass
from komuna_referrals.consents.schemas import Classes
from komuna_referrals.fields import Code, Worker
from komuna_shared.database import Record
from komuna_shared.days import Instant

from .rules import REFUSALS, Handover, Outcome, Priority, Question, State

_WANTED: JsonDict = {
    "case_id": "6f0a2c52-6d3e-4a57-9f67-0f2f3f1d5c11",
    "service": "isf-accommodation",
    "priority": "urgent",
    "classes": ["A", "B", "F"],
}
_STEP: JsonDict = {
    "to": "accepted",
    "responsible": "Head of intake",
    "handover": "accompanied",
    "meet_at": "2026-11-23T09:00:00Z",
}


class ReferralIn(BaseModel):
    """A person of one's case to be referred to a service of the directory."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_WANTED]})

    case_id: str = Field(max_length=64)
    service: Code = Field(examples=["isf-accommodation"])
    priority: Priority
    classes: Classes


class TransitionIn(BaseModel):
    """A step of a referral, with what that step has to say; nothing in it is free text."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_STEP]})

    to: State
    reason: Code | None = None
    questions: Annotated[list[Question], Field(min_length=1, max_length=7)] | None = None
    needs: Annotated[list[Need], Field(max_length=40)] | None = None
    responsible: Worker | None = Field(
        default=None, description="Who of the receiver answers for the person."
    )
    handover: Handover | None = None
    meet_at: Instant | None = None
    outcome: Outcome | None = None
    needs_met: Annotated[list[Need], Field(max_length=40)] | None = None

    @property
    def details(self) -> dict[str, Any]:
        """Return what is said beside the step itself."""
        return self.model_dump(mode="json", exclude={"to"}, exclude_none=True)


class EnvelopeOut(BaseModel):
    """What a receiver sees of a referral: nothing that depends on who the person is."""

    view: Literal["envelope"] = "envelope"
    id: UUID
    state: State
    sender: str = Field(examples=["thbd"])
    receiver: str = Field(examples=["isf"])
    service: str = Field(examples=["isf-accommodation"])
    service_type: str = Field(examples=["emergency_accommodation"])
    priority: Priority
    needs: list[str] = Field(examples=[["emergency_accommodation"]])
    age_band: str = Field(examples=["adult"])
    sex: str = Field(examples=["F"])
    risk: str = Field(examples=["unassessed"])
    questions: list[Question]
    reason: str | None = Field(description="Why the receiver declined, paused or gave up.")
    sent_at: datetime | None
    delivered_at: datetime | None
    answer_due_at: datetime | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """Return a row as its receiver sees it."""
        named = set(cls.model_fields) - {"view", "questions", "reason"}
        shown = {name: getattr(row, name) for name in named}
        reason = row.reason if row.state in REFUSALS else None
        return cls(**shown, questions=row.questions or [], reason=reason)


class ReferralOut(BaseModel):
    """A referral as its sender sees it, and its receiver once it has accepted."""

    view: Literal["referral"] = "referral"
    id: UUID
    state: State
    case_id: UUID
    classes: list[DataClass]
    consent_id: UUID | None = Field(description="What the sharing rests on, once sent.")
    sender: str = Field(examples=["thbd"])
    receiver: str = Field(examples=["isf"])
    service: str = Field(examples=["isf-accommodation"])
    service_type: str = Field(examples=["emergency_accommodation"])
    priority: Priority
    needs: list[str] = Field(examples=[["emergency_accommodation"]])
    age_band: str = Field(examples=["adult"])
    sex: str = Field(examples=["F"])
    risk: str = Field(examples=["unassessed"])
    questions: list[Question]
    reason: str | None
    responsible: str | None
    handover: Handover | None
    meet_at: datetime | None
    outcome: Outcome | None
    needs_met: list[str] | None
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    answer_due_at: datetime | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """Return a row with the case that it is about."""
        named = set(cls.model_fields) - {"view", "questions"}
        shown = {name: getattr(row, name) for name in named}
        return cls(**shown, questions=row.questions or [])


AnyReferralOut = EnvelopeOut | ReferralOut
