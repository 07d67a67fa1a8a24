"""What callers see of the reports of an obligation."""

from datetime import date

from pydantic import BaseModel, Field

from komuna_indicators.observations.schemas import Number
from komuna_shared.paging import PageOut

from .rules import ReportState


class ReportOut(BaseModel):
    """One reporter's report for a period."""

    obligation: str = Field(examples=["decision-making-posts-demo"])
    municipality: str = Field(examples=["prishtine"])
    label: str = Field(examples=["Prishtinë"])
    period: str = Field(examples=["2026-S1"])
    due_on: date
    state: ReportState = Field(
        description="`received` until it is verified; then `on_time` or `late`, as it first came."
    )
    received_on: date | None = Field(description="The day on which its first version came.")
    version_no: int | None = Field(description="Its last version; null where none came.")
    is_synthetic: bool = Field(description="It is invented, for demonstration.")


class RatesOut(BaseModel):
    """How many of the reports came, and how many in time, in percent of all expected."""

    expected: int = Field(examples=[38])
    received: int = Field(examples=[3])
    in_time: int = Field(examples=[0])
    verified: int = Field(examples=[3])
    completeness: Number = Field(examples=[7.9])
    timeliness: Number = Field(examples=[0])


class ReportsOut(BaseModel):
    """The reports of a period, and their rates."""

    items: list[ReportOut]
    rates: RatesOut
    page: PageOut
