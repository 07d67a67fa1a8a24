"""What callers send and receive about submissions."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from komuna_indicators.forms.definition import LONGEST_COMMENT
from komuna_indicators.names import CodeText
from komuna_indicators.observations.rules import Reason, Status
from komuna_indicators.observations.schemas import Number

from .rules import Channel, Decision, Event, Review, State

_ID = "019aa1b2-8c7d-7e60-9f31-5b0e3c0f2a11"
_OBLIGATION = "decision-making-posts-demo"
CellText = Annotated[str, Field(max_length=100, examples=["director.M"])]


def _number(value: Any) -> Any:
    # Pydantic alone would read a text or a truth value as a number.
    if value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool)):
        return value
    raise PydanticCustomError("decimal_type", "This is not a number.")


Value = Annotated[Decimal | None, BeforeValidator(_number, json_schema_input_type=float | None)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CellIn(_In):
    """What a reporter says about one cell: a value, or a status and a reason."""

    cell: CellText
    value: Value = Field(None, examples=[9])
    status: Status | None = None
    reason: Reason | None = None
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT)] | None = None


class SubmissionIn(_In):
    """A report: the cells of a form, for one municipality and period."""

    obligation: CodeText = Field(examples=[_OBLIGATION])
    municipality: CodeText = Field(examples=["prishtine"])
    period: Annotated[str, Field(max_length=40, examples=["2026-S1"])]
    cells: Annotated[list[CellIn], Field(max_length=500)]
    attests_no_cases: bool = Field(
        False, description="Say so where every value is 0, and only there."
    )


class QueryIn(_In):
    """What a verifier asks about one cell."""

    cell: CellText
    comment: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_COMMENT,
            description="In the language of whoever reported: `language` of the submission.",
        ),
    ]


class DecisionIn(_In):
    """What a verifier decides: to return a report with questions, or that it is right."""

    decision: Decision
    comments: Annotated[list[QueryIn], Field(max_length=500)] = []


class ToldOut(BaseModel):
    """What a version says of a cell."""

    value: Number = Field(examples=[9])
    status: Status
    reason: Reason | None
    comment: str | None


class SubmissionCellOut(ToldOut):
    """One cell of a version, and what a verifier has to do with it."""

    cell: str = Field(examples=["director.M"])
    label: str = Field(examples=["Directors of municipal directorates: Men"])
    review: Review
    query: str | None = Field(description="What the verifier asked last about this cell.")
    before: ToldOut | None = Field(description="What the version before said, where it differs.")


class HistoryOut(BaseModel):
    """Something that happened to a version of the report."""

    event: Event
    version_no: int = Field(examples=[1])
    at: datetime
    by: str | None = Field(description="The subject of the account; null for a release.")


class SubmissionSummary(BaseModel):
    """One version of a report, without its cells."""

    id: UUID = Field(examples=[_ID])
    obligation: str = Field(examples=[_OBLIGATION])
    form: str = Field(examples=["decision-making-posts"])
    form_version: str = Field(examples=["1.0.0"])
    municipality: str = Field(examples=["prishtine"])
    period: str = Field(examples=["2026-S1"])
    version_no: int = Field(examples=[1])
    supersedes: UUID | None
    state: State
    is_late: bool = Field(description="The report first came after the day it was due.")
    is_correction: bool = Field(description="It corrects a report that was verified.")
    is_synthetic: bool = Field(description="It is invented, for demonstration.")
    due_on: date
    submitted_at: datetime
    channel: Channel
    file_sha256: str | None
    attests_no_cases: bool
    language: str = Field(description="Of whoever reported.", examples=["sq"])


class SubmissionOut(SubmissionSummary):
    """One version of a report, with its cells and what happened to it."""

    to_review_count: int = Field(description="Cells a verifier has still to look at.")
    cells: list[SubmissionCellOut]
    history: list[HistoryOut]


class SubmissionCheckOut(BaseModel):
    """What a report would be if it were sent; nothing was kept."""

    obligation: str = Field(examples=[_OBLIGATION])
    municipality: str = Field(examples=["prishtine"])
    period: str = Field(examples=["2026-S1"])
    version_no: int = Field(examples=[1])
    due_on: date
    is_late: bool
    is_correction: bool
    changed_cells: list[str] = Field(
        description="What differs from the version before; all cells of a first version.",
        examples=[["director.M"]],
    )
