"""The shapes of single values that callers send and files hold."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from komuna_registry import periods
from komuna_shared.errors import RuleError


def _imprecise(text: str) -> str:
    try:
        periods.parse(text)
    except RuleError as error:
        raise PydanticCustomError("imprecise_date", error.detail) from None
    return text


Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[_-][a-z0-9]+)*$", max_length=100)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Locator = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ImpreciseDate = Annotated[
    str,
    StringConstraints(max_length=30),
    AfterValidator(_imprecise),
    Field(
        examples=["2005", "2005-06", "2005-06-30", "2005..2008"],
        json_schema_extra={"pattern": periods.PATTERN},
    ),
]
NameLanguage = Literal["sq", "sr-Latn", "sr-Cyrl", "en", "tr", "bs", "rom"]
