"""The files that rules of languages come in, and what is known of who speaks them."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code, Text
from komuna_registry.intake import Table, Written, collection
from komuna_registry.municipalities.models import Municipality
from komuna_registry.municipalities.rules import CountMethod
from komuna_registry.rows import DatedRow, SourcedRow
from komuna_registry.sources.models import Source
from komuna_shared.changes import Change, publish_all
from komuna_shared.imports import Collection

from .models import LanguageRule, MunicipalityLanguage
from .rules import UNCOUNTED, LanguageStanding, Threshold

_PLACE = {"municipality": Municipality.slug, "source": Source.code}
_Language = Literal["sq", "sr", "tr", "bs", "rom"]
_Article = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class RuleRow(DatedRow):
    """A rule of law: it names a language, everywhere or in one municipality, or a threshold."""

    code: Code
    language: _Language | None = None
    municipality: Code | None = None
    threshold: Threshold | None = None
    percent: Decimal | None = Field(default=None, ge=0, le=100, max_digits=5, decimal_places=2)
    standing: LanguageStanding
    law: Text
    article: _Article | None = None

    @model_validator(mode="after")
    def _check_named(self) -> Self:
        if (self.language is None) == (self.threshold is None):
            raise PydanticCustomError(
                "language_or_threshold", "A rule names one language, or a threshold."
            )
        is_counted = self.threshold is not None and self.threshold not in UNCOUNTED
        if is_counted != (self.percent is not None):
            raise PydanticCustomError(
                "threshold_percent", "A threshold of speakers says which percentage it is."
            )
        return self


class SpokenRow(SourcedRow):
    """Which part of the people a count says speak a language, or that it is traditional."""

    municipality: Code
    language: _Language
    is_traditional: bool
    counted_on: date | None = None
    method: CountMethod | None = None
    percent: Decimal | None = Field(default=None, ge=0, le=100, max_digits=5, decimal_places=2)

    @model_validator(mode="after")
    def _check_counted(self) -> Self:
        is_counted = self.counted_on is not None and self.method is not None
        is_told = is_counted or (self.counted_on is None and self.method is None)
        is_uncounted = self.method in {None, CountMethod.NOT_ENUMERATED}
        if (
            self.is_traditional == is_counted
            or not is_told
            or is_uncounted != (self.percent is None)
        ):
            raise PydanticCustomError(
                "counted_or_traditional",
                "A language is traditional, or a count has its day, its method and its figure.",
            )
        return self


async def _tell_rules(session: AsyncSession, written: Written) -> None:
    told = ("code", "language", "municipality", "law", "article", "valid_from", "valid_until")
    await publish_all(
        session,
        [
            Change(
                "language_rule",
                row["code"],
                row["version"],
                {
                    **{name: row[name] for name in told},
                    "threshold": row["threshold"].value if row["threshold"] else None,
                    "percent": None if row["percent"] is None else float(row["percent"]),
                    "standing": row["standing"].value,
                    "source": row["source"],
                    "locator": row["locator"],
                },
            )
            for row in written
        ],
    )


async def _tell_spoken(session: AsyncSession, written: Written) -> None:
    told = ("municipality", "language", "is_traditional", "source", "locator")
    await publish_all(
        session,
        [
            Change(
                "municipality_language",
                str(row["id"]),
                row["version"],
                {
                    **{name: row[name] for name in told},
                    "counted_on": row["counted_on"].isoformat() if row["counted_on"] else None,
                    "method": row["method"].value if row["method"] else None,
                    "percent": None if row["percent"] is None else float(row["percent"]),
                },
            )
            for row in written
        ],
    )


COLLECTIONS: tuple[Collection[Any], ...] = (
    collection("language_rules", RuleRow, Table(LanguageRule, ("code",), _PLACE, _tell_rules)),
    collection(
        "municipality_languages",
        SpokenRow,
        Table(
            MunicipalityLanguage,
            ("municipality", "language", "counted_on", "source"),
            _PLACE,
            _tell_spoken,
        ),
    ),
)
