"""Names in the languages every named thing has."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

TAGS = ("sq", "sr-Latn", "en")


def _complete(names: dict[str, str]) -> dict[str, str]:
    if set(names) != set(TAGS) or not all(text.strip() for text in names.values()):
        raise PydanticCustomError(
            "names_incomplete", "A name is needed in `sq`, `sr-Latn` and `en`, and in no other."
        )
    return names


NamesIn = Annotated[dict[str, str], AfterValidator(_complete)]
NamesOut = Annotated[
    dict[str, str],
    Field(
        examples=[{"sq": "Gratë drejtore", "sr-Latn": "Žene direktori", "en": "Women directors"}]
    ),
]
CodeText = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,79}$")]
