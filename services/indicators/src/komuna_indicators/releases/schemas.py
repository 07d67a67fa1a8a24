"""What callers see of a release."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from .rules import ReleaseTier


class CoverageOut(TypedDict):
    """Of how many reporters something is made, and of how many it should be."""

    count: Annotated[int, Field(examples=[3])]
    of: Annotated[int, Field(examples=[38])]


class ReleaseOut(BaseModel):
    """A set of figures that became public together, and what was shown before it was."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(examples=["published-2026-11-21-019aa1b2"])
    tier: ReleaseTier
    obligation: str | None = Field(
        description="Whose reports it publishes; null for figures of documents.",
        examples=["decision-making-posts-demo"],
    )
    period: str | None = Field(examples=["2026-S1"])
    is_synthetic: bool = Field(description="Whether its figures are invented, for demonstration.")
    coverage: CoverageOut | None = Field(description="Reports that are public, of all due.")
    observation_count: int = Field(examples=[164])
    certificate: dict[str, str] = Field(
        examples=[{"tier": "P", "rule": "published_elsewhere_exact", "attack": "none_needed"}]
    )
    published_at: datetime
