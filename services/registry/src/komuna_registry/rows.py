"""What every row of an imported file has: a source, and where it is dated, a validity."""

from datetime import date
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from komuna_registry import periods
from komuna_registry.fields import Code, ImpreciseDate, Locator, Text
from komuna_registry.tables import ranges
from komuna_shared.errors import RuleError


class FileRow(BaseModel):
    """A row whose fields are the columns of one table."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row."""
        return self.model_dump()


class SourcedRow(FileRow):
    """A row that says which document it was taken from."""

    source: Code
    locator: Locator


class DatedRow(SourcedRow):
    """A row that holds for a time."""

    valid_from: ImpreciseDate | None = None
    valid_until: ImpreciseDate | None = None

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        check_order(self.valid_from, self.valid_until)
        return self

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the ranges that its dates stand for."""
        held = periods.presence(self.valid_from, self.valid_until)
        return {**self.model_dump(), **ranges(held)}


class NamedRow(SourcedRow):
    """A row with names in several languages, in columns of their own."""

    name_sq: Text | None = None
    name_sr_latn: Text | None = None
    name_en: Text | None = None

    @model_validator(mode="after")
    def _check_named(self) -> Self:
        if not self.names:
            raise PydanticCustomError("missing_value", "A name in one language is needed.")
        return self

    @property
    def names(self) -> dict[str, str]:
        """The names by language, without those that are not there."""
        named = {"sq": self.name_sq, "sr-Latn": self.name_sr_latn, "en": self.name_en}
        return {language: name for language, name in named.items() if name is not None}

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with its names together."""
        stored = self.model_dump(exclude={"name_sq", "name_sr_latn", "name_en"})
        return {**stored, "names": self.names}


def check_order(since: str | None, until: str | None, attested_on: str | None = None) -> None:
    """Raise what pydantic reports as a problem of the row when the end comes first."""
    try:
        periods.presence(since, until, attested_on)
    except RuleError as error:
        raise PydanticCustomError("period_order", error.detail) from None


def check_days(first: date, end: date | None) -> None:
    """Raise what pydantic reports as a problem of the row when the end comes first."""
    if end is not None and end <= first:
        raise PydanticCustomError("period_order", "The end comes before the beginning.")
