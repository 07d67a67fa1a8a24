"""What callers are told about municipalities."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from komuna_registry.citations import Citation
from komuna_registry.periods import Certainty
from komuna_shared.days import Day

from .resolution import Reason, Status, Warned
from .rules import AliasKind, CountMethod

_EXAMPLE: JsonDict = {
    "slug": "prishtine",
    "label": "Prishtinë",
    "label_language": "sq",
    "names": {
        "sq": "Prishtinë",
        "sr-Latn": "Priština",
        "sr-Cyrl": "Приштина",
        "en": "Prishtina",
    },
    "definite_name": "Prishtina",
    "valid_from": "..1999",
    "valid_until": None,
    "certainty": "certain",
    "codes": {"kas-2011": "19", "kas-2024-order": "19"},
    "regions": ["district-prishtina"],
}


class MunicipalityOut(BaseModel):
    """A municipality as lists show it; unverified codes are in its own page only."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    slug: str
    label: str
    label_language: str
    names: dict[str, str]
    definite_name: str | None
    valid_from: str | None
    valid_until: str | None
    certainty: Certainty
    codes: dict[str, str]
    regions: list[str]


class CodeOut(Citation):
    """The number of a municipality in one scheme."""

    scheme: str = Field(examples=["kas-2011"])
    code: str = Field(examples=["19"])
    is_verified: bool
    valid_from: str | None
    valid_until: str | None


class AliasOut(Citation):
    """A spelling, and where it occurs."""

    text: str = Field(examples=["Prishtinë/Priština"])
    kind: AliasKind
    valid_from: str | None
    valid_until: str | None
    note: str | None


class RegionOut(Citation):
    """A region of one scheme that the municipality lies in."""

    code: str = Field(examples=["district-prishtina"])
    scheme: str = Field(examples=["district"])
    names: dict[str, str]


class PopulationOut(Citation):
    """A figure of one publication; null with status `L` where there is none."""

    vintage: str = Field(examples=["2011"])
    method: CountMethod | None
    persons: int | None = Field(examples=[198897])
    status: Literal["A", "L"]
    reason: Literal["not_in_source", "not_enumerated"] | None
    note: str | None


class PopulationsOut(BaseModel):
    """Every figure that is known for one municipality; they are never added up or averaged."""

    slug: str = Field(examples=["prishtine"])
    label: str = Field(examples=["Prishtinë"])
    label_language: str = Field(examples=["sq"])
    items: list[PopulationOut]


class SuccessionOut(Citation):
    """A municipality that this one came out of, or that came out of this one."""

    slug: str
    happened_on: str | None


class NameOut(Citation):
    """A name in one language and form."""

    language: str
    form: Literal["indefinite", "definite"]
    text: str


class MunicipalityPageOut(Citation):
    """Everything known of one municipality, each statement with its source."""

    slug: str = Field(examples=["prishtine"])
    label: str
    label_language: str = Field(examples=["sq"])
    names: dict[str, str]
    definite_name: str | None
    valid_from: str | None
    valid_until: str | None
    note: str | None
    version: int
    name_statements: list[NameOut]
    codes: list[CodeOut]
    aliases: list[AliasOut]
    regions: list[RegionOut]
    populations: list[PopulationOut]
    predecessors: list[SuccessionOut]
    successors: list[SuccessionOut]


class CandidateOut(BaseModel):
    """A municipality that may be meant."""

    slug: str = Field(examples=["junik"])
    label: str = Field(examples=["Junik"])
    label_language: str = Field(examples=["sq"])
    scheme: str | None = Field(examples=["kas-2011"])
    similarity: float | None


class SettlementHintOut(BaseModel):
    """A settlement that is called so, where no municipality is."""

    code: str = Field(examples=["plemetin"])
    label: str = Field(examples=["Plemetin"])
    label_language: str = Field(examples=["en"])
    municipality: str = Field(examples=["obiliq"])


class WarningOut(BaseModel):
    """What to look at although a municipality was found."""

    code: Warned
    detail: str


class ResolutionOut(BaseModel):
    """What a spelling or a code means on the day that was asked for."""

    status: Status
    slug: str | None = Field(examples=["gllogoc"])
    label: str | None = Field(examples=["Gllogoc"])
    label_language: str | None = Field(examples=["sq"])
    reason: Reason | None
    detail: str | None
    warnings: list[WarningOut]
    candidates: list[CandidateOut]
    settlements: list[SettlementHintOut] = Field(
        description="Settlements of this name, with the municipality they lie in; a hint, no match."
    )
    as_of: date


# As long as `q` may be; one name of a megabyte keeps a process busy for a second.
Spelling = Annotated[str, Field(max_length=200)]


class ResolutionsIn(BaseModel):
    """Up to 10,000 spellings or codes, all on one day and in one scheme."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "names": ["Drenas", "Fushe Kosovo", "Prishtinë/Priština"],
                    "scheme": None,
                    "as_of": "2020-12-31",
                }
            ]
        },
    )

    names: list[Spelling] = Field(min_length=1, max_length=10_000)
    scheme: str | None = Field(default=None, max_length=100)
    as_of: Day | None = None


class ResolutionsOut(BaseModel):
    """One answer for each name, in the order in which they were sent."""

    items: list[ResolutionOut]
    counts: dict[Status, int]
