"""The files that settlements come in, with the municipalities that they lie in."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code
from komuna_registry.intake import Table, Written, collection
from komuna_registry.municipalities.models import Municipality, Settlement, SettlementMunicipality
from komuna_registry.municipalities.operations import renew_frame
from komuna_registry.municipalities.rules import SettlementKind
from komuna_registry.naming import findable
from komuna_registry.rows import DatedRow, NamedRow
from komuna_registry.secrecy import guards_places
from komuna_registry.sources.models import Source
from komuna_shared.changes import Change, publish_all
from komuna_shared.imports import Collection

from .queries import Situated, load_settlements

_SOURCE = {"source": Source.code}


class SettlementRow(NamedRow):
    """A village, a town or another place where people live."""

    code: Code
    kind: SettlementKind

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the words it is found by."""
        return {**super().columns(), "words": findable(self.names.values(), 1000)}


class SettlementMunicipalityRow(DatedRow):
    """A settlement lies in a municipality."""

    settlement: Code
    municipality: Code


async def _tell(session: AsyncSession, codes: Iterable[str]) -> None:
    await renew_frame(session)
    found = await load_settlements(session, sorted(set(codes)))
    await publish_all(session, [_describe(one) for one in found])


async def _tell_settlements(session: AsyncSession, written: Written) -> None:
    await _tell(session, (row["code"] for row in written))


async def _tell_municipalities(session: AsyncSession, written: Written) -> None:
    codes = {row["settlement"] for row in written}
    await session.execute(
        update(Settlement).where(Settlement.code.in_(codes)).values(version=Settlement.version + 1)
    )
    await _tell(session, codes)


def _describe(one: Situated) -> Change:
    row = one.row
    within = ("municipality", "valid_from", "valid_until", "source", "locator")
    return Change(
        "settlement",
        row.code,
        row.version,
        {
            "code": row.code,
            "kind": row.kind.value,
            "names": row.names,
            "municipalities": [
                {name: getattr(place, name) for name in within} for place in one.within
            ],
            "source": row.source,
            "locator": row.locator,
        },
    )


COLLECTIONS: tuple[Collection[Any], ...] = (
    collection(
        "settlements",
        SettlementRow,
        Table(
            Settlement,
            ("code",),
            _SOURCE,
            _tell_settlements,
            guards_places("name_sq", "name_sr_latn", "name_en"),
        ),
    ),
    collection(
        "settlement_municipalities",
        SettlementMunicipalityRow,
        Table(
            SettlementMunicipality,
            ("settlement", "municipality"),
            {"settlement": Settlement.code, "municipality": Municipality.slug, **_SOURCE},
            _tell_municipalities,
        ),
    ),
)
