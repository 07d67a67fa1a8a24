"""What callers are told about settlements."""

from pydantic import ConfigDict, Field

from komuna_registry.citations import Citation
from komuna_registry.municipalities.rules import SettlementKind
from komuna_registry.periods import Certainty


class WithinOut(Citation):
    """A municipality that the settlement lies in; dates that no source tells are null."""

    municipality: str = Field(examples=["obiliq"])
    label: str = Field(examples=["Obiliq"])
    label_language: str = Field(examples=["sq"])
    valid_from: str | None
    valid_until: str | None
    certainty: Certainty | None = Field(description="How sure it is on the day; null: not then.")


class SettlementOut(Citation):
    """A settlement, as the source that names it calls it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "s0",
                    "locator": "L186",
                    "code": "plemetin",
                    "kind": "village",
                    "label": "Plemetin",
                    "label_language": "en",
                    "names": {"en": "Plemetin"},
                    "municipalities": [
                        {
                            "source": "s0",
                            "locator": "L186",
                            "municipality": "obiliq",
                            "label": "Obiliq",
                            "label_language": "sq",
                            "valid_from": None,
                            "valid_until": None,
                            "certainty": "certain",
                        }
                    ],
                    "version": 1,
                }
            ]
        }
    )

    code: str
    kind: SettlementKind
    label: str
    label_language: str
    names: dict[str, str]
    municipalities: list[WithinOut]
    version: int
