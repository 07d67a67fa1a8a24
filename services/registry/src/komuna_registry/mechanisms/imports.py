"""The files that kinds of mechanisms and statements about them come in."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code, ImpreciseDate, Locator, Text
from komuna_registry.intake import Table, Written, collection
from komuna_registry.municipalities.models import Municipality
from komuna_registry.rows import NamedRow, SourcedRow, check_days
from komuna_registry.sources.models import Source
from komuna_shared.changes import Change, publish_all
from komuna_shared.imports import Collection

from .models import MechanismKind, MechanismPublication, MechanismStatement
from .rules import Aspect, Mandate

_SOURCE = {"source": Source.code}
_Abbreviation = Annotated[str, StringConstraints(pattern=r"^[A-Z]+$", max_length=20)]
_OF_SHARES = Mandate.COMMUNITIES_TEN_PERCENT
_Period = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z/-]+$", max_length=50)]


class KindRow(NamedRow):
    """A kind of mechanism."""

    code: Code
    abbreviation: _Abbreviation | None = None
    mandate: Mandate
    mandate_percent: Decimal | None = Field(
        default=None, ge=0, le=100, max_digits=5, decimal_places=2
    )
    mandate_since: ImpreciseDate | None = None
    mandate_source: Code | None = None
    mandate_locator: Locator | None = None
    legal_basis: Text | None = None
    meetings_per_year: int | None = Field(default=None, ge=1, le=366)
    meetings_source: Code | None = None
    meetings_locator: Locator | None = None

    @model_validator(mode="after")
    def _check_sourced(self) -> Self:
        said = (self.meetings_per_year, self.meetings_source, self.meetings_locator)
        if len({one is None for one in said}) > 1:
            raise PydanticCustomError(
                "missing_value", "How often it must meet needs its source and its place."
            )
        if self.mandate_percent is not None and self.mandate is not _OF_SHARES:
            raise PydanticCustomError(
                "mandate_percent", "Only a rule of shares of communities has a percentage."
            )
        began = (self.mandate_since, self.mandate_source, self.mandate_locator)
        if len({one is None for one in began}) > 1:
            raise PydanticCustomError(
                "missing_value", "Since when it must be there needs its source and its place."
            )
        return self


class StatementRow(SourcedRow):
    """What one source says of one municipality."""

    kind: Code
    municipality: Code
    aspect: Aspect
    holds: bool
    valid_from: date
    valid_until: date | None = None
    printed_as: Text | None = None

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        check_days(self.valid_from, self.valid_until)
        return self


class PublicationRow(SourcedRow):
    """Where indicators hold a published total of a kind."""

    kind: Code
    indicator: Code
    period: _Period


async def _tell_kinds(session: AsyncSession, written: Written) -> None:
    await publish_all(
        session,
        [
            Change(
                "mechanism_kind",
                row["code"],
                row["version"],
                {
                    "code": row["code"],
                    "abbreviation": row["abbreviation"],
                    "names": row["names"],
                    "mandate": row["mandate"].value,
                    "mandate_percent": _number(row["mandate_percent"]),
                    "mandate_since": row["mandate_since"],
                    "meetings_per_year": row["meetings_per_year"],
                },
            )
            for row in written
        ],
    )


def _number(percent: Decimal | None) -> float | None:
    return None if percent is None else float(percent)


async def _tell_statements(session: AsyncSession, written: Written) -> None:
    await publish_all(
        session,
        [
            Change(
                "mechanism_statement",
                str(row["id"]),
                row["version"],
                {
                    "kind": row["kind"],
                    "municipality": row["municipality"],
                    "aspect": row["aspect"].value,
                    "holds": row["holds"],
                    "valid_from": row["valid_from"].isoformat(),
                    "valid_until": row["valid_until"].isoformat() if row["valid_until"] else None,
                    "source": row["source"],
                    "locator": row["locator"],
                },
            )
            for row in written
        ],
    )


async def _tell_publications(session: AsyncSession, written: Written) -> None:
    await publish_all(
        session,
        [
            Change(
                "mechanism_publication",
                "/".join((row["kind"], row["indicator"], row["period"])),
                row["version"],
                {name: row[name] for name in ("kind", "indicator", "period", "source", "locator")},
            )
            for row in written
        ],
    )


COLLECTIONS: tuple[Collection[Any], ...] = (
    collection(
        "mechanism_kinds",
        KindRow,
        Table(
            MechanismKind,
            ("code",),
            {**_SOURCE, "meetings_source": Source.code, "mandate_source": Source.code},
            _tell_kinds,
        ),
    ),
    collection(
        "mechanism_publications",
        PublicationRow,
        Table(
            MechanismPublication,
            ("kind", "indicator", "period"),
            {"kind": MechanismKind.code, **_SOURCE},
            _tell_publications,
        ),
    ),
    collection(
        "mechanism_statements",
        StatementRow,
        Table(
            MechanismStatement,
            ("kind", "municipality", "aspect", "holds", "valid_from", "source", "locator"),
            {
                "kind": MechanismKind.code,
                "municipality": Municipality.slug,
                **_SOURCE,
            },
            _tell_statements,
        ),
    ),
)
