"""What callers send and receive about forms."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from komuna_indicators.catalogue.rules import Dimension, Periodicity
from komuna_indicators.catalogue.schemas import Version
from komuna_indicators.names import CodeText, NamesIn, NamesOut

CellCode = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}(\.[A-Za-z0-9_-]{1,20}){0,3}$")]
Sentences = Annotated[
    NamesOut, Field(examples=[{"sq": "Kush?", "sr-Latn": "Ko?", "en": "Who is counted?"}])
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FormCellIn(_In):
    """One cell of a form: the figure it asks for."""

    code: CellCode
    indicator: CodeText
    dimensions: dict[Dimension, CodeText] = {}
    is_required: bool = True


class TotalIn(_In):
    """A figure that is the sum of cells, with the cell that reports it if there is one."""

    dimensions: dict[Dimension, CodeText] = {}
    parts: Annotated[list[CellCode], Field(min_length=2)]
    cell: CellCode | None = None


class FormIn(_In):
    """One row of the collection `forms`."""

    code: CodeText
    version: Version
    names: NamesIn
    instructions: NamesIn
    dataflow: CodeText
    periodicity: Periodicity
    cells: Annotated[list[FormCellIn], Field(min_length=1, max_length=500)]
    totals: list[TotalIn] = []


class FormCellOut(BaseModel):
    """One cell of a form."""

    code: str = Field(examples=["director.F"])
    indicator: str = Field(examples=["directors"])
    dimensions: dict[str, str] = Field(examples=[{"sex": "F"}])
    is_required: bool = Field(description="An optional cell may be left out.")
    names: NamesOut
    label: str = Field(examples=["Directors of municipal directorates: Women"])
    help: str = Field(examples=["Persons appointed to lead a municipal directorate."])
    unit: str = Field(examples=["persons"])
    decimals: int = Field(examples=[0])


class TotalOut(BaseModel):
    """A figure that is the sum of cells."""

    indicator: str = Field(examples=["directors"])
    cell: str | None = Field(
        description="The cell that reports it; null where it is only computed.",
        examples=["director._T"],
    )
    parts: list[str] = Field(examples=[["director.F", "director.M"]])


class FormOut(BaseModel):
    """A form in its current version."""

    code: str = Field(examples=["decision-making-posts"])
    version: str = Field(examples=["1.0.0"])
    names: NamesOut
    label: str
    label_language: str = Field(examples=["en"])
    instructions: str
    dataflow: str = Field(examples=["decision-making"])
    periodicity: Periodicity
    cells: list[FormCellOut]
    totals: list[TotalOut]
    cells_schema: Annotated[
        dict[str, Any],
        WithJsonSchema({"type": "object", "examples": [{"type": "array"}]}),
    ] = Field(description="JSON Schema of `cells` in a submission.")
