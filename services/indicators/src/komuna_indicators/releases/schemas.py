"""What callers see of a release."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from .rules import ReleaseTier


class ReleaseOut(BaseModel):
    """A set of figures that became public together, and what was shown before it was."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(examples=["published-2026-11-21-019aa1b2"])
    tier: ReleaseTier
    observation_count: int = Field(examples=[164])
    certificate: dict[str, str] = Field(
        examples=[{"tier": "P", "rule": "published_elsewhere_exact", "attack": "none_needed"}]
    )
    published_at: datetime
