"""What callers send and see of a partner in a case."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from komuna_referrals.fields import Code

from .rules import PartnerRole


class PartnerIn(BaseModel):
    """An institution that shall work on the case too."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"institution": "vaao", "role": "advocacy"}]},
    )

    institution: Code
    role: PartnerRole


class PartnerOut(BaseModel):
    """An institution that was brought in."""

    institution: str = Field(examples=["vaao"])
    role: PartnerRole
    added_at: datetime
