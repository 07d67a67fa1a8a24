"""What callers send and receive about obligations."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from komuna_indicators.catalogue.schemas import Version
from komuna_indicators.names import CodeText, NamesIn, NamesOut
from komuna_indicators.observations.schemas import PeriodText

from .rules import Reporters


class ObligationIn(BaseModel):
    """One row of the collection `obligations`."""

    model_config = ConfigDict(extra="forbid")

    code: CodeText
    version: Version
    names: NamesIn
    form: CodeText
    reporters: Reporters
    first_period: PeriodText
    due_days: Annotated[int, Field(ge=1, le=366)]
    is_synthetic: bool = False


class ObligationOut(BaseModel):
    """Who must report which form, and by when."""

    code: str = Field(examples=["decision-making-posts-demo"])
    version: str = Field(examples=["1.0.0"])
    names: NamesOut
    label: str
    label_language: str = Field(examples=["en"])
    form: str = Field(examples=["decision-making-posts"])
    reporters: Reporters
    first_period: str = Field(examples=["2026-S1"])
    latest_period: str | None = Field(
        description="The latest period that is over; null before the first is.",
        examples=["2026-S1"],
    )
    latest_due_on: date | None = Field(examples=["2026-07-15"])
    due_days: int = Field(
        description="How many days after the last day of the period the report is due.",
        examples=[15],
    )
    is_synthetic: bool = Field(
        description="Whether what is reported under it is invented, for demonstration."
    )
