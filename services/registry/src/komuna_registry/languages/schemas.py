"""What callers are told about the languages of municipalities."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from komuna_registry.citations import Citation
from komuna_registry.municipalities.rules import CountMethod

from .rules import Reason, RecordType, Standing, Threshold


class SpokenOut(Citation):
    """What one source tells of who speaks a language there."""

    is_traditional: bool
    counted_on: date | None
    census_year: int | None = Field(examples=[2011])
    method: CountMethod | None
    percent: float | None = Field(examples=[5.1])


class LanguageOut(BaseModel):
    """What one language is in the municipality, by which law, and by which count.

    `law`, `source` and `locator` name the rule that decides; where nobody can say, the rule that
    could not be decided.
    """

    language: str = Field(examples=["tr"])
    standing: Standing
    reason: Reason
    detail: str
    threshold: Threshold | None
    threshold_percent: float | None = Field(
        description="Which share of speakers that rule demands, by its source.", examples=[5.0]
    )
    law: str | None = Field(examples=["Law on the Use of Languages"])
    article: str | None
    census_year: int | None
    percent: float | None = Field(examples=[5.1])
    spoken: list[SpokenOut]
    source: str | None = Field(examples=["ecmi-law"])
    locator: str | None = Field(examples=["Law on the Use of Languages"])


class LanguagesOut(BaseModel):
    """The languages of one municipality on a day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "slug": "prizren",
                    "label": "Prizren",
                    "label_language": "sq",
                    "as_of": "2020-12-31",
                    "items": [
                        {
                            "language": "tr",
                            "standing": "official",
                            "reason": "named_by_law",
                            "detail": "The law names this language.",
                            "threshold": None,
                            "threshold_percent": None,
                            "law": "Law on the Use of Languages",
                            "article": None,
                            "census_year": None,
                            "percent": None,
                            "spoken": [],
                            "source": "ecmi-law",
                            "locator": "Law on the Use of Languages",
                        }
                    ],
                }
            ]
        }
    )

    slug: str
    label: str
    label_language: str
    as_of: date
    items: list[LanguageOut]


class MissingOut(BaseModel):
    """A record whose name is not there in a language that is owed."""

    model_config = ConfigDict(from_attributes=True)

    record_type: RecordType
    code: str = Field(examples=["prizren"])
    language: str = Field(examples=["tr"])


class OwingOut(BaseModel):
    """What a municipality owes, of which languages nobody can say, and which names it lacks."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "slug": "prizren",
                    "label": "Prizren",
                    "label_language": "sq",
                    "owes": ["sq", "sr", "tr"],
                    "unknown": ["bs", "rom"],
                    "missing_count": 1,
                    "missing": [
                        {"record_type": "municipality", "code": "prizren", "language": "tr"}
                    ],
                }
            ]
        }
    )

    slug: str
    label: str
    label_language: str
    owes: list[str]
    unknown: list[str] = Field(
        description="Languages of which no loaded source decides whether they are owed."
    )
    missing_count: int
    missing: list[MissingOut] = Field(description="The first hundred of them.")


class OwedReportOut(BaseModel):
    """Each municipality that certainly existed on the day, in the Albanian order."""

    as_of: date
    municipality_count: int = Field(examples=[38])
    lacking_count: int = Field(description="How many lack a name in a language that they owe.")
    items: list[OwingOut]
