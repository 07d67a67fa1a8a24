"""What callers are told about regions."""

from pydantic import ConfigDict, Field

from komuna_registry.citations import Citation


class RegionEntryOut(Citation):
    """A region of one scheme, and which municipalities lie in it as far as a source tells."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "districts",
                    "locator": "district Peja",
                    "code": "district-peja",
                    "scheme": "district",
                    "label": "Pejë",
                    "label_language": "sq",
                    "names": {"sq": "Pejë", "sr-Latn": "Peć", "en": "Peja"},
                    "municipalities": ["istog", "kline", "peje"],
                }
            ]
        }
    )

    code: str
    scheme: str
    label: str
    label_language: str
    names: dict[str, str]
    municipalities: list[str] = Field(
        description="Those that exist on the day; empty where no source tells which."
    )
