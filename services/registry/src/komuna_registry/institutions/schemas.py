"""What callers are told about institutions."""

from datetime import date

from pydantic import ConfigDict, Field

from komuna_registry.citations import Citation
from komuna_registry.periods import Certainty

from .rules import InstitutionKind, NameForm


class InstitutionOut(Citation):
    """An institution as lists show it."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "code": "oik",
                    "kind": "independent",
                    "label": "Ombudsperson Institution",
                    "label_language": "en",
                    "names": {"en": "Ombudsperson Institution"},
                    "municipality": None,
                    "valid_from": "2000",
                    "valid_until": None,
                    "certainty": "certain",
                    "source": "s4",
                    "locator": "L124-L128",
                }
            ]
        },
    )

    code: str
    kind: InstitutionKind
    label: str
    label_language: str
    names: dict[str, str]
    municipality: str | None
    valid_from: str | None
    valid_until: str | None
    certainty: Certainty | None


class NameOut(Citation):
    """A name, abbreviation or misspelling; abbreviations are not unique."""

    language: str
    form: NameForm
    text: str
    valid_from: str | None
    valid_until: str | None
    certainty: Certainty | None = Field(description="How sure it is on the day; null: not then.")


class ParentOut(Citation):
    """An institution that this one belongs to."""

    parent: str
    valid_from: str | None
    valid_until: str | None
    certainty: Certainty | None = Field(description="How sure it is on the day; null: not then.")


class SuccessionOut(Citation):
    """Who took over from whom."""

    predecessor: str
    successor: str
    happened_on: str | None


class InstitutionPageOut(Citation):
    """Everything known of one institution, each statement with its source."""

    code: str
    kind: InstitutionKind
    label: str
    label_language: str
    names: dict[str, str]
    municipality: str | None
    valid_from: str | None
    valid_until: str | None
    until_source: str | None = Field(description="The act that ended it.", examples=["demos3"])
    until_locator: str | None
    as_of: date
    certainty: Certainty | None = Field(description="How sure it existed on the day; null: not.")
    version: int
    name_statements: list[NameOut]
    parents: list[ParentOut]
    predecessors: list[SuccessionOut]
    successors: list[SuccessionOut]
