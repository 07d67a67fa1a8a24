"""The files that single mechanisms, whom they serve, and their states come in."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Self

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry import periods
from komuna_registry.fields import Code, ImpreciseDate, Text
from komuna_registry.intake import Table, Written, collection
from komuna_registry.made_up import MADE_UP, SYNTHETIC_SINCE
from komuna_registry.municipalities.models import Municipality
from komuna_registry.rows import DatedRow, NamedRow, SourcedRow, check_order
from komuna_registry.sources.models import Source
from komuna_registry.tables import ranges
from komuna_shared.changes import Change, publish_all
from komuna_shared.imports import Collection, Row, RowProblem

from . import register
from .models import Mechanism, MechanismKind, MechanismMunicipality, MechanismState
from .rules import Aspect

_MISMATCH = "This is made up and its mechanism is not, or the other way round."
_MECHANISM = {"mechanism": Mechanism.code, "source": Source.code}
_Decision = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class MechanismRow(NamedRow):
    """A mechanism."""

    code: Code
    kind: Code
    is_synthetic: bool


class ServedRow(DatedRow):
    """A mechanism serves a municipality."""

    mechanism: Code
    municipality: Code


class StateRow(SourcedRow):
    """One aspect of a mechanism holds, or does not."""

    mechanism: Code
    is_synthetic: bool
    aspect: Aspect
    holds: bool
    since: ImpreciseDate | None = None
    until: ImpreciseDate | None = None
    attested_on: ImpreciseDate | None = None
    decision: _Decision | None = None
    decided_on: date | None = None
    printed_as: Text | None = None

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.since is None and self.attested_on is None:
            raise PydanticCustomError(
                "missing_value", "A state needs its beginning, or a day on which it was seen."
            )
        check_order(self.since, self.until, self.attested_on)
        begun = self.presence.possible.lower
        if self.is_synthetic and (begun is None or begun < SYNTHETIC_SINCE):
            raise PydanticCustomError("synthetic_period", MADE_UP)
        return self

    @property
    def presence(self) -> periods.Presence:
        """When this certainly and when it possibly held."""
        return periods.presence(self.since, self.until, self.attested_on)

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the ranges that its dates stand for."""
        return {**self.model_dump(), **ranges(self.presence)}


async def check_origin(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[RowProblem]:
    """Return a problem for each row that is made up where its mechanism is not, or otherwise."""
    named = {row.value.mechanism for row in rows}
    found = await session.execute(
        select(Mechanism.code, Mechanism.is_synthetic).where(Mechanism.code.in_(named))
    )
    known = {one.code: one.is_synthetic for one in found}
    return [
        RowProblem(row.number, "is_synthetic", "synthetic_period", _MISMATCH)
        for row in rows
        if known.get(row.value.mechanism, row.value.is_synthetic) != row.value.is_synthetic
    ]


async def _tell_mechanisms(session: AsyncSession, written: Written) -> None:
    # Twice when a mechanism itself is new: its version counts what is said of it, too.
    codes = sorted({row.get("mechanism") or row["code"] for row in written})
    await session.execute(
        update(Mechanism).where(Mechanism.code.in_(codes)).values(version=Mechanism.version + 1)
    )
    said = await register.load_mechanisms(session, codes)
    await publish_all(session, [_describe(one) for one in said])


def _describe(said: register.Registered) -> Change:
    row = said.row
    return Change(
        "mechanism",
        row.code,
        row.version,
        {
            "code": row.code,
            "kind": row.kind,
            "names": row.names,
            "is_synthetic": row.is_synthetic,
            "municipalities": [one.municipality for one in said.served],
            "states": [
                {
                    "aspect": one.aspect.value,
                    "holds": one.holds,
                    "since": one.since,
                    "until": one.until,
                    "attested_on": one.attested_on,
                    "decision": one.decision,
                    "source": one.source,
                    "locator": one.locator,
                }
                for one in said.states
            ],
        },
    )


COLLECTIONS: tuple[Collection[Any], ...] = (
    collection(
        "mechanisms",
        MechanismRow,
        Table(
            Mechanism,
            ("code",),
            {"kind": MechanismKind.code, "source": Source.code},
            _tell_mechanisms,
        ),
    ),
    collection(
        "mechanism_municipalities",
        ServedRow,
        Table(
            MechanismMunicipality,
            ("mechanism", "municipality"),
            {**_MECHANISM, "municipality": Municipality.slug},
            _tell_mechanisms,
        ),
    ),
    collection(
        "mechanism_states",
        StateRow,
        Table(
            MechanismState,
            ("mechanism", "aspect", "holds", "since", "attested_on", "source", "locator"),
            _MECHANISM,
            _tell_mechanisms,
            check_origin,
        ),
    ),
)
