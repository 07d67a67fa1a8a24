"""What waits for a caller."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from komuna_shared.database import Record

from .rules import TaskKind


class TaskOut(BaseModel):
    """One thing to do, and where."""

    kind: TaskKind
    case_id: UUID | None = Field(description="Null where the task is about a referral.")
    referral_id: UUID | None
    link: str = Field(examples=["/referrals/v1/cases/6f0a2c52-6d3e-4a57-9f67-0f2f3f1d5c11"])
    waiting_since: datetime

    @classmethod
    def of(cls, row: Record) -> Self:
        """Return a row as the task that it is."""
        place = "cases" if row.referral_id is None else "referrals"
        return cls(
            kind=TaskKind(row.kind),
            case_id=row.case_id,
            referral_id=row.referral_id,
            link=f"/referrals/v1/{place}/{row.id}",
            waiting_since=row.waiting_since,
        )
