"""What waits for a caller."""

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from komuna_shared.database import Record


class TaskKind(StrEnum):
    """What there is to do."""

    RATE_RISK = "rate_risk"


class TaskOut(BaseModel):
    """One thing to do, and where."""

    kind: TaskKind
    case_id: UUID
    link: str = Field(examples=["/referrals/v1/cases/6f0a2c52-6d3e-4a57-9f67-0f2f3f1d5c11"])
    waiting_since: datetime

    @classmethod
    def rate_risk(cls, case: Record) -> Self:
        """Return the task of rating the danger in a case."""
        return cls(
            kind=TaskKind.RATE_RISK,
            case_id=case.id,
            link=f"/referrals/v1/cases/{case.id}",
            waiting_since=case.opened_at,
        )
