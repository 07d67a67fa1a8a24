"""What the owner of a case sends and sees of institutions that are shut out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from komuna_referrals.fields import Code

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class BlockIn(BaseModel):
    """An institution that must not learn of the case."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"institution": "pvpt", "reason": "A relative works there."}]
        },
    )

    institution: Code
    reason: Reason = Field(description="Kept encrypted; only the owner of the case reads it.")


class BlockOut(BaseModel):
    """An institution that is shut out; it is never told."""

    id: UUID
    institution: str = Field(examples=["pvpt"])
    reason: str = Field(examples=["A relative works there."])
    blocked_at: datetime
