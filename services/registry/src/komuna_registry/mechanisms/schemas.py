"""What callers are told about mechanisms."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from komuna_registry.citations import Citation
from komuna_registry.municipalities.rules import CountMethod
from komuna_registry.periods import Certainty
from komuna_registry.sources.schemas import SourceOut

from .rules import Aspect, Mandate, Reason, Requirement, State


class FrequencyOut(Citation):
    """How often a mechanism of a kind must meet."""

    per_year: int = Field(examples=[12])


class MandateSinceOut(Citation):
    """When a mandate rule began; before that day nobody had to have one."""

    begun: str = Field(examples=["2012"])


class KindOut(Citation):
    """A kind of mechanism, and who must have one."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "code": "language_link",
                    "abbreviation": None,
                    "label": "Link for learning Albanian and Serbian",
                    "label_language": "en",
                    "names": {"en": "Link for learning Albanian and Serbian"},
                    "mandate": "by_agreement",
                    "mandate_percent": None,
                    "mandate_since": None,
                    "legal_basis": "Agreement between the Ministry of Local Government and IOM",
                    "meetings": None,
                    "source": "s0",
                    "locator": "L259",
                }
            ]
        },
    )

    code: str
    abbreviation: str | None
    label: str
    label_language: str
    names: dict[str, str]
    mandate: Mandate
    mandate_percent: float | None = Field(
        description="Which share of communities a rule of shares demands, by `source`."
    )
    mandate_since: MandateSinceOut | None = Field(
        description="Null where no source tells since when; the rule is then taken to hold always."
    )
    legal_basis: str | None
    meetings: FrequencyOut | None


class StatementOut(Citation):
    """What one source says, of the municipality or of one mechanism that serves it.

    `printed_as` is how it writes the municipality; `attested_on` is when it saw the mechanism so.
    `certainty` is `possible` where its dates leave open whether this holds on the day.
    """

    aspect: Aspect
    holds: bool
    mechanism: str | None = Field(examples=["accessibility-commission-viti"])
    valid_from: str | None = Field(examples=["2020-01-01"])
    valid_until: str | None
    attested_on: str | None
    certainty: Certainty
    decision: str | None = Field(examples=["02-370/01-1166"])
    decided_on: date | None
    printed_as: str | None = Field(examples=["Vitia"])


class ShareOut(Citation):
    """Which part of the people a count gives a community; null: all that are not the majority."""

    vintage: str = Field(examples=["2011"])
    counted_on: date
    community: str | None
    is_majority: bool
    method: CountMethod
    percent: float | None = Field(examples=[12.5])


class RequirementOut(BaseModel):
    """Whether the municipality must have one, why, and the sourced shares that were looked at."""

    requirement: Requirement
    reason: Reason
    detail: str
    shares: list[ShareOut]


class PublicationOut(Citation):
    """A published total, whose members are not named, as indicators hold it."""

    indicator: str = Field(examples=["communities-deputy-chair-municipalities"])
    period: str = Field(examples=["2020"])
    link: str = Field(
        examples=[
            "/indicators/v1/observations?indicator=communities-deputy-chair-municipalities&period=2020"
        ]
    )


class MunicipalityStateOut(BaseModel):
    """The state of one municipality, why, and where that is written.

    `consulted` are the places that were read; the statements are in them, or the silence is.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "slug": "viti",
                    "label": "Viti",
                    "label_language": "en",
                    "state": "contradictory",
                    "reason": "sources_disagree",
                    "detail": "Sources disagree; every statement is shown.",
                    "required": {
                        "requirement": "unknown",
                        "reason": "not_listed",
                        "detail": "No source names those who agreed to it, or are listed for it.",
                        "shares": [],
                    },
                    "statements": [
                        {
                            "source": "s0",
                            "locator": "L259",
                            "aspect": "established",
                            "holds": True,
                            "mechanism": None,
                            "valid_from": "2020-01-01",
                            "valid_until": "2021-01-01",
                            "attested_on": None,
                            "certainty": "certain",
                            "decision": None,
                            "decided_on": None,
                            "printed_as": "Vitia",
                        },
                        {
                            "source": "s0",
                            "locator": "L259",
                            "aspect": "established",
                            "holds": False,
                            "mechanism": None,
                            "valid_from": "2020-01-01",
                            "valid_until": "2021-01-01",
                            "attested_on": None,
                            "certainty": "certain",
                            "decision": None,
                            "decided_on": None,
                            "printed_as": "Vitia",
                        },
                    ],
                    "consulted": [{"source": "s0", "locator": "L259"}],
                }
            ]
        }
    )

    slug: str
    label: str
    label_language: str
    state: State
    reason: Reason
    detail: str
    required: RequirementOut
    statements: list[StatementOut]
    consulted: list[Citation]


class CoverageOut(BaseModel):
    """One state for every municipality that certainly existed on the day; the totals add up."""

    kind: KindOut
    as_of: date
    municipality_count: int = Field(examples=[38])
    possible_count: int = Field(
        description="Municipalities that may have existed on the day; they are not counted."
    )
    totals: dict[State, int] = Field(
        examples=[{"in_place": 7, "missing": 18, "contradictory": 2, "unknown": 11}]
    )
    items: list[MunicipalityStateOut]
    published: list[PublicationOut] = Field(
        description="Totals that documents print without naming the municipalities."
    )
    sources: list[SourceOut]
