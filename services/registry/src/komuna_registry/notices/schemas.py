"""What services send to have people told, and what the operator sees of it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from komuna_registry.accounts.rules import Role
from komuna_registry.fields import Code
from komuna_shared.days import Day

from .rules import Channel, DeliveryState, Template

_RECIPIENT: JsonDict = {"role": "municipal_officer", "municipality": "prishtine"}
_PARAMS: JsonDict = {
    "obligation": "decision-making-posts-demo",
    "period": "2026-S1",
    "due_on": "2026-07-15",
}
_SHOWN: JsonDict = {
    "id": "0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1",
    "template": "report_overdue",
    "recipient": {**_RECIPIENT, "institution": None},
    "params": _PARAMS,
    "sender": "indicators",
    "created_at": "2026-07-16T06:00:00Z",
    "recipient_count": 1,
    "queued_count": 0,
    "sent_count": 1,
    "failed_count": 0,
}
_DELIVERY: JsonDict = {
    "id": "0197a3c0-7d1e-7c6f-a6e6-c69e8470ada2",
    "account": "0197a3c0-0000-7000-8000-000000000001",
    "state": "sent",
    "attempts": 1,
    "channel": "smtp",
    "code": None,
    "next_at": "2026-07-16T06:00:00Z",
    "sent_at": "2026-07-16T06:00:02Z",
}
Period = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}(?:-(?:S[12]|Q[1-4]|0[1-9]|1[0-2]))?$")
]


class RecipientIn(BaseModel):
    """Whoever holds this role today, for this municipality or this institution."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_RECIPIENT]})

    role: Role
    municipality: Code | None = None
    institution: Code | None = None


class ParamsIn(BaseModel):
    """What fills a template: codes and days, each template's own, and no sentence of anybody's."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_PARAMS]})

    obligation: Code | None = None
    period: Period | None = None
    due_on: Day | None = None
    submission: UUID | None = None
    referral: UUID | None = None


class NoticeIn(BaseModel):
    """What people are to be told.

    `report_due` and `report_overdue` take `obligation`, `period` and `due_on`;
    `submission_returned` takes `submission`, `obligation` and `period`; `referral_waiting` takes
    `referral`.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"template": "report_overdue", "recipient": _RECIPIENT, "params": _PARAMS}]
        },
    )

    template: Template
    recipient: RecipientIn
    params: ParamsIn


class RecipientOut(BaseModel):
    """Who was told."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN["recipient"]]})

    role: Role
    municipality: str | None
    institution: str | None


class NoticeOut(BaseModel):
    """A notice, and how many of its letters are how far; `recipient_count` may be 0."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN]})

    id: UUID
    template: Template
    recipient: RecipientOut
    params: dict[str, Any]
    sender: str = Field(description="The service that asked for it.")
    created_at: datetime
    recipient_count: int
    queued_count: int
    sent_count: int
    failed_count: int


class DeliveryOut(BaseModel):
    """One letter; its address is shown to nobody. `code` is why the last try failed."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_DELIVERY]})

    id: UUID
    account: UUID
    state: DeliveryState
    attempts: int
    channel: Channel | None
    code: str | None
    next_at: datetime
    sent_at: datetime | None


class NoticePageOut(NoticeOut):
    """A notice with its letters."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_SHOWN, "deliveries": [_DELIVERY]}]}
    )

    deliveries: list[DeliveryOut]
