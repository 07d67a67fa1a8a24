"""What callers see of a case."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from .rules import Assistance, Identification, RecordState, Risk


class CaseOut(BaseModel):
    """A case as everybody who may know of it sees it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    institution: str = Field(
        description="Who has the case.", examples=["centre-for-social-work-prizren"]
    )
    record: RecordState
    identification: Identification
    assistance: Assistance
    risk: Risk
    version: int = Field(examples=[1])
    opened_at: datetime
