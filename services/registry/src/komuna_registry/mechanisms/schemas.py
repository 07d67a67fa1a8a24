"""What callers are told about mechanisms."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from komuna_registry.citations import Citation
from komuna_registry.sources.schemas import SourceOut

from .rules import Aspect, Mandate, Reason, State


class KindOut(Citation):
    """A kind of mechanism, and who must have one."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "code": "language_link",
                    "label": "Link for learning Albanian and Serbian",
                    "names": {"en": "Link for learning Albanian and Serbian"},
                    "mandate": "by_agreement",
                    "legal_basis": "Agreement between the Ministry of Local Government and IOM",
                    "source": "s0",
                    "locator": "L259",
                }
            ]
        },
    )

    code: str
    label: str
    names: dict[str, str]
    mandate: Mandate
    legal_basis: str | None


class StatementOut(Citation):
    """What one source says; `printed_as` is how it writes the municipality."""

    aspect: Aspect
    holds: bool
    valid_from: date
    valid_until: date | None
    printed_as: str | None = Field(examples=["Vitia"])


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
                    "state": "contradictory",
                    "reason": "sources_disagree",
                    "detail": "Sources disagree; every statement is shown.",
                    "statements": [
                        {
                            "source": "s0",
                            "locator": "L259",
                            "aspect": "established",
                            "holds": True,
                            "valid_from": "2020-01-01",
                            "valid_until": "2021-01-01",
                            "printed_as": "Vitia",
                        },
                        {
                            "source": "s0",
                            "locator": "L259",
                            "aspect": "established",
                            "holds": False,
                            "valid_from": "2020-01-01",
                            "valid_until": "2021-01-01",
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
    state: State
    reason: Reason
    detail: str
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
    sources: list[SourceOut]
