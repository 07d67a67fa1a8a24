"""What callers send and receive about the catalogue."""

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from komuna_indicators import periods
from komuna_indicators.names import CodeText, NamesIn, NamesOut

from . import rules
from .rules import Aggregation, Dimension, IndicatorType, Periodicity, Tier


def _semantic(version: str) -> str:
    if not rules.is_version(version):
        raise PydanticCustomError("no_version", "A version is three numbers, as in `1.0.0`.")
    return version


def _canonical(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return periods.code(periods.parse(text))
    except periods.PeriodError:
        raise PydanticCustomError("unknown_period", periods.PeriodError.detail) from None


Version = Annotated[str, AfterValidator(_semantic), Field(examples=["1.0.0"])]
PeriodText = Annotated[str | None, AfterValidator(_canonical), Field(examples=["2020"])]
ImpreciseDay = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}){0,2}$", examples=["2022-12"])]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _EntryIn(_In):
    code: CodeText
    version: Version
    names: NamesIn


class DocumentIn(_In):
    """One row of the collection `documents`."""

    code: CodeText
    names: NamesIn
    publisher: NamesIn
    language: Annotated[str, Field(max_length=10)]
    published_on: ImpreciseDay | None = None
    covers: PeriodText


class CodeIn(_In):
    """One code of a list."""

    code: CodeText
    names: NamesIn
    articles: list[dict[str, Any]] = []
    maps_to: str | None = None


class CodeListIn(_EntryIn):
    """One row of the collection `code-lists`: a list with all its codes."""

    reference: str | None = None
    is_exclusive: bool
    codes: Annotated[list[CodeIn], Field(min_length=1)]


class DimensionIn(_In):
    """A dimension of a dataflow, with the list of its codes."""

    dimension: Dimension
    code_list: CodeText


class DataflowIn(_EntryIn):
    """One row of the collection `dataflows`."""

    tier: Tier
    dimensions: list[DimensionIn]


class IndicatorIn(_EntryIn):
    """One row of the collection `indicators`."""

    dataflow: CodeText
    number: int | None = None
    definition: NamesIn
    indicator_type: IndicatorType
    unit: CodeText
    decimals: Annotated[int, Field(ge=0, le=9)]
    periodicity: Periodicity
    aggregation: Aggregation
    numerator: str | None = None
    denominator: str | None = None
    law_references: list[str] = []


class _EntryOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    version: str = Field(examples=["1.0.0"])
    names: NamesOut
    label: str
    label_language: str = Field(description="The language `label` is in.", examples=["sq"])


class DimensionOut(BaseModel):
    """A dimension of a dataflow, with the list of its codes."""

    dimension: Dimension
    code_list: str = Field(examples=["CL_SEX"])


class IndicatorOut(_EntryOut):
    """An indicator in its current version."""

    code: str = Field(examples=["women-directors"])
    dataflow: str = Field(examples=["decision-making"])
    number: int | None = Field(
        description="Its number among the 44 of the common catalogue.", examples=[4]
    )
    definition: NamesOut
    indicator_type: IndicatorType
    unit: str = Field(examples=["percent"])
    decimals: int = Field(examples=[1])
    dimensions: list[DimensionOut]
    periodicity: Periodicity
    aggregation: Aggregation
    numerator: str | None = Field(examples=["directors[sex=F]"])
    denominator: str | None = Field(examples=["directors"])
    tier: Tier
    law_references: list[str] = Field(examples=[["05/L-020, article 6(8)"]])


class DataflowOut(_EntryOut):
    """A dataflow in its current version."""

    code: str = Field(examples=["decision-making"])
    tier: Tier = Field(description="How much the public may see of what is not published yet.")
    dimensions: list[DimensionOut]
    key: str = Field(
        description="The order of codes in the key of a figure.",
        examples=["indicator.municipality.sex.community"],
    )


class CodeOut(BaseModel):
    """One code of a list."""

    code: str = Field(examples=["F"])
    names: NamesOut
    label: str = Field(examples=["Gra"])
    articles: list[dict[str, Any]] = Field(
        description="For offences: the article in each criminal code, and when that code applied."
    )
    maps_to: str | None = Field(description="The code that stands for it in SDMX.")


class CodeListOut(_EntryOut):
    """A code list in its current version."""

    code: str = Field(examples=["CL_SEX"])
    reference: str | None = Field(examples=["SDMX:CL_SEX(2.1)"])
    is_exclusive: bool = Field(description="Whether one thing has one code, so that parts add up.")
    codes: list[CodeOut]


class CodeListSummary(_EntryOut):
    """A code list without its codes."""

    code: str = Field(examples=["CL_SEX"])
    reference: str | None
    is_exclusive: bool
    code_count: int


class DocumentOut(BaseModel):
    """A document that figures were printed in."""

    code: str = Field(examples=["S0"])
    names: NamesOut
    label: str
    label_language: str
    publisher: NamesOut
    language: str = Field(examples=["en"])
    published_on: str | None = Field(
        description="As precise as the document says; null where it does not.",
        examples=["2022-12"],
    )
    covers: str | None = Field(examples=["2020"])


def covers_range(text: str | None) -> tuple[date, date]:
    """Return the days a document reports on."""
    period = periods.UNSTATED if text is None else periods.parse(text)
    return period.start, period.end
