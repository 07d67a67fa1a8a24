"""What callers send to make figures public."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from komuna_indicators.names import CodeText


class ReleaseIn(BaseModel):
    """Which verified reports are made public."""

    model_config = ConfigDict(extra="forbid")

    obligation: CodeText = Field(examples=["decision-making-posts-demo"])
    period: Annotated[str, Field(max_length=40, examples=["2026-S1"])]
