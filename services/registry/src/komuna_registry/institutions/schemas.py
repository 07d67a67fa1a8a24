"""What callers are told about institutions."""

from pydantic import ConfigDict

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


class ParentOut(Citation):
    """An institution that this one belongs to."""

    parent: str
    valid_from: str | None
    valid_until: str | None


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
    names: dict[str, str]
    municipality: str | None
    valid_from: str | None
    valid_until: str | None
    version: int
    name_statements: list[NameOut]
    parents: list[ParentOut]
    predecessors: list[SuccessionOut]
    successors: list[SuccessionOut]
