"""What waits for a caller."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from komuna_shared.database import Record

from .rules import TaskKind

_STOP = TaskKind.STOP_USING_DATA


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
        place = f"referrals/{row.referral_id}" if row.case_id is None else f"cases/{row.case_id}"
        return cls(
            kind=TaskKind(row.kind),
            case_id=row.case_id,
            referral_id=row.referral_id,
            # Whoever is told to stop finds the referral no longer, only those there are.
            link=f"/referrals/v1/{'referrals' if row.kind == _STOP else place}",
            waiting_since=row.waiting_since,
        )
