"""What callers see of their tasks."""

from datetime import datetime

from pydantic import BaseModel, Field

from .rules import TaskKind


class TaskOut(BaseModel):
    """One thing to do, and where."""

    kind: TaskKind
    label: str = Field(examples=["Ndreqni skedarin: 4 probleme."])
    link: str = Field(
        examples=["/indicators/v1/imports/019aa1b2-8c7d-7e60-9f31-5b0e3c0f2a11/problems"]
    )
    waiting_since: datetime
