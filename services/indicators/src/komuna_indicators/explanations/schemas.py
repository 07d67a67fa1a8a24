"""What callers see of the way a figure came about."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from komuna_indicators.names import NamesOut
from komuna_indicators.observations.rules import InputRole, Origin, Qualifier, Reason, Status
from komuna_indicators.observations.schemas import Number
from komuna_indicators.releases.schemas import CoverageOut
from komuna_indicators.submissions.rules import Channel


class SourceOut(BaseModel):
    """The place where a figure stands."""

    code: str = Field(examples=["S0:L89"])
    document: str | None = Field(examples=["S0"])
    place: str | None = Field(
        description="`L` and a number are lines of the document's text.", examples=["L89"]
    )
    title: str | None
    publisher: str | None
    published_on: str | None


class FormulaOut(BaseModel):
    """How the figure follows from others."""

    text: str = Field(examples=["directors[sex=F] / directors * 100"])
    version: str = Field(examples=["1.0.0"])


class CheckOut(BaseModel):
    """The printed figure beside the one that its parts give."""

    exact: Number = Field(examples=[25.199])
    rounded: Number = Field(examples=[25.2])
    agrees: bool


class EvidenceOut(BaseModel):
    """The version of a report that a figure stands in; who sent and verified it is not told."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    obligation: str = Field(examples=["decision-making-posts-demo"])
    form: str = Field(examples=["decision-making-posts"])
    form_version: str = Field(examples=["1.0.0"])
    version_no: int = Field(examples=[2])
    cell: str | None = Field(
        description="Null where the figure is computed from cells.", examples=["director.F"]
    )
    channel: Channel
    file_sha256: str | None = Field(description="Of the workbook it came in.")
    submitted_at: datetime
    verified_at: datetime


class StatedOut(BaseModel):
    """A figure of a source, in short."""

    indicator: str = Field(examples=["directors"])
    key: str = Field(examples=["directors._T.F._T"])
    fact: str | None = Field(examples=["R06"])
    value: Number = Field(examples=[95])
    status: Status
    reason: Reason | None
    qualifier: Qualifier | None
    unit: str = Field(examples=["persons"])
    origin: Origin
    source: SourceOut
    submission: EvidenceOut | None = Field(
        description="The report it stands in; null for figures of documents and of the country."
    )


class InputOut(StatedOut):
    """A figure that another rests on."""

    role: InputRole


class ExplanationOut(StatedOut):
    """One figure with everything it rests on; the leading one where several are stated."""

    dataflow: str = Field(examples=["decision-making"])
    key: str = Field(examples=["women-directors._T._T._T"])
    indicator: str = Field(examples=["women-directors"])
    period: str | None = Field(examples=["2020"])
    label: str
    definition: str
    numerator: Number = Field(examples=[95])
    denominator: Number = Field(examples=[377])
    formula: FormulaOut | None
    check: CheckOut | None
    inputs: list[InputOut]
    also_stated: list[StatedOut] = Field(description="The same figure of other places.")
    members: list[str]
    note: str | None
    release: str | None
    coverage: CoverageOut | None = Field(description="Of how many reports it is made.")
    citations: NamesOut
