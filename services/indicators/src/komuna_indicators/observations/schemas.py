"""What callers send and receive about figures."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from komuna_indicators import periods
from komuna_indicators.catalogue.rules import Dimension
from komuna_indicators.names import CodeText
from komuna_indicators.releases.schemas import CoverageOut

from .rules import InputRole, Origin, Qualifier, Reason, Status


def _canonical(text: str) -> str:
    try:
        return periods.code(periods.parse(text)) or text
    except periods.PeriodError:
        raise PydanticCustomError("unknown_period", periods.PeriodError.detail) from None


def _inputs(text: str) -> str:
    for one in text.split():
        role, _, fact = one.partition(":")
        if not fact or role not in set(InputRole):
            raise PydanticCustomError(
                "unknown_input", "Write inputs as `numerator:R06 denominator:R05`."
            )
    return text


PeriodText = Annotated[str, AfterValidator(_canonical)]
InputsText = Annotated[str, AfterValidator(_inputs)]
Cell = CodeText | None
Note = Annotated[str, Field(max_length=1000)] | None


class ObservationIn(BaseModel):
    """One row of the collection `observations`; what is blank is not known or not broken down."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    fact: Annotated[str, Field(max_length=80)] | None = None
    indicator: CodeText
    municipality: Annotated[str, Field(max_length=200)] | None = None
    period: PeriodText | None = None
    sex: Cell = None
    age: Cell = None
    community: Cell = None
    citizenship: Cell = None
    country_of_origin: Cell = None
    offence: Cell = None
    exploitation: Cell = None
    kind: Cell = None
    state: Cell = None
    institution: Cell = None
    value: Annotated[Decimal, Field(max_digits=15, decimal_places=6)] | None = None
    status: Status | None = None
    reason: Reason | None = None
    qualifier: Qualifier | None = None
    unit: CodeText | None = None
    # What was reported becomes public through a release alone.
    origin: Literal[Origin.PUBLISHED, Origin.COMPUTED] = Origin.PUBLISHED
    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+:\S[^\r\n]*$", max_length=200)]
    inputs: InputsText | None = None
    members: Annotated[str, Field(max_length=4000)] | None = None
    note_sq: Note = None
    note_sr: Note = None
    note_en: Note = None

    @property
    def note(self) -> dict[str, str]:
        """Return the note by language; empty without one."""
        told = {"sq": self.note_sq, "sr-Latn": self.note_sr, "en": self.note_en}
        return {tag: text for tag, text in told.items() if text}

    @property
    def codes(self) -> dict[str, str | None]:
        """Return the code of each dimension that the row names."""
        return {name: getattr(self, name) for name in Dimension}


FIGURE = ("indicator", "municipality", "period", *Dimension, "origin", "source")
"""What two rows of a file may not share, as it is written there."""

# A plain number in every format, whole where it is whole; null where the figure is missing.
Number = Annotated[
    Any, WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "null"}], "examples": [25.2]})
]

_EXAMPLE: dict[str, Any] = {
    "id": "019aa1b2-8c7d-7e60-9f31-5b0e3c0f2a11",
    "dataflow": "decision-making",
    "indicator": "women-directors",
    "municipality": "_T",
    "dimensions": {"sex": "_T", "community": "_T"},
    "key": "women-directors._T._T._T",
    "period": "2020",
    "period_starts_on": "2020-01-01",
    "period_ends_before": "2021-01-01",
    "value": 25.2,
    "status": "A",
    "reason": None,
    "qualifier": None,
    "unit": "percent",
    "decimals": 1,
    "numerator": 95,
    "denominator": 377,
    "origin": "published",
    "source": "S0:L89",
    "document": "S0",
    "published_on": None,
    "fact": "R08",
    "members": [],
    "note": None,
    "release": "published-2026-11-21-019aa1b2",
    "coverage": None,
}


class PeriodOut(TypedDict):
    """A period as callers see it; all null where the source states none."""

    period: Annotated[str | None, Field(description="Null where the source states none.")]
    period_starts_on: date | None
    period_ends_before: date | None


@with_config(ConfigDict(json_schema_extra={"examples": [_EXAMPLE]}))
class ObservationOut(PeriodOut):
    """One figure as one source states it, or why there is none."""

    id: Annotated[str | None, Field(description="Null where no source says anything.")]
    dataflow: str
    indicator: str
    municipality: Annotated[str, Field(description="`_T` is all of Kosovo, not broken down.")]
    dimensions: Annotated[dict[str, str], Field(description="`_T` is not broken down.")]
    key: Annotated[str, Field(description="For `/v1/explanations`.")]
    value: Number
    status: Annotated[Status, Field(description="Codes of `CL_OBS_STATUS`.")]
    reason: Annotated[Reason | None, Field(description="Why `value` is null.")]
    qualifier: Annotated[Qualifier | None, Field(description="`over` 280 is more than 280.")]
    unit: str
    decimals: int
    numerator: Number
    denominator: Number
    origin: Origin
    source: Annotated[str, Field(description="Document and place; `S0:L89` is line 89 of `S0`.")]
    document: str | None
    published_on: Annotated[
        str | None, Field(description="When the document was published, as far as it says.")
    ]
    fact: str | None
    members: Annotated[list[str], Field(description="The municipalities the source names.")]
    note: str | None
    release: str | None
    coverage: Annotated[
        CoverageOut | None, Field(description="Of how many reports it is made; null elsewhere.")
    ]


CSV_COLUMNS: tuple[str, ...] = (
    "dataflow",
    "indicator",
    "municipality",
    "period",
    "period_starts_on",
    "period_ends_before",
    *Dimension,
    "value",
    "status",
    "reason",
    "qualifier",
    "unit",
    "decimals",
    "numerator",
    "denominator",
    "origin",
    "source",
    "document",
    "published_on",
    "fact",
    "members",
    "note",
    "key",
    "release",
    "coverage_count",
    "coverage_of",
)
