"""What sources say for a day: of municipalities, of the mechanisms that serve them, of people."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.municipalities.models import MunicipalityCommunity
from komuna_registry.municipalities.rules import CountMethod
from komuna_registry.periods import Certainty
from komuna_shared.database import Record

from .models import Mechanism, MechanismMunicipality, MechanismState, MechanismStatement
from .rules import Said


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement about a municipality, or about a mechanism that serves it."""

    municipality: str
    said: Said
    valid_from: str | None
    valid_until: str | None
    attested_on: str | None
    decision: str | None
    decided_on: date | None
    printed_as: str | None
    source: str
    locator: str

    @property
    def certainty(self) -> Certainty:
        """How sure it is that this holds on the day."""
        return Certainty.CERTAIN if self.said.is_certain else Certainty.POSSIBLE


def is_reliable(method: CountMethod) -> bool:
    """Say whether a count made in this way can decide what a municipality must have."""
    return method in {CountMethod.ENUMERATED, CountMethod.ESTIMATED}


async def list_general(connection: AsyncConnection, kind: str, as_of: date) -> list[Statement]:
    """Return what sources say of municipalities, without naming one mechanism."""
    found = await connection.execute(
        select(MechanismStatement.__table__)
        .where(
            MechanismStatement.kind == kind,
            MechanismStatement.valid_from <= as_of,
            or_(MechanismStatement.valid_until.is_(None), MechanismStatement.valid_until > as_of),
        )
        .order_by(
            MechanismStatement.municipality,
            MechanismStatement.aspect,
            MechanismStatement.holds.desc(),
            MechanismStatement.source,
        )
    )
    return [
        Statement(
            municipality=row.municipality,
            said=Said(row.aspect, row.holds),
            valid_from=row.valid_from.isoformat(),
            valid_until=row.valid_until.isoformat() if row.valid_until else None,
            attested_on=None,
            decision=None,
            decided_on=None,
            printed_as=row.printed_as,
            source=row.source,
            locator=row.locator,
        )
        for row in found
    ]


async def list_single(connection: AsyncConnection, kind: str, as_of: date) -> list[Statement]:
    """Return the states of the mechanisms that serve each municipality; none that is made up."""
    state, served = MechanismState, MechanismMunicipality
    is_certain = and_(state.certain.contains(as_of), served.certain.contains(as_of))
    found = await connection.execute(
        select(*state.__table__.c, served.municipality, is_certain.label("is_certain"))
        .join_from(state, Mechanism, Mechanism.code == state.mechanism)
        .join(served, served.mechanism == Mechanism.code)
        .where(
            Mechanism.kind == kind,
            Mechanism.is_synthetic.is_(False),
            state.possible.contains(as_of),
            served.possible.contains(as_of),
        )
        .order_by(served.municipality, state.mechanism, state.id)
    )
    return [_single(row) for row in found]


async def list_shares(connection: AsyncConnection, as_of: date) -> dict[str, list[Record]]:
    """Return the shares of the newest count before the day, for each municipality that has one."""
    table = MunicipalityCommunity.__table__
    found = await connection.execute(
        select(table)
        .where(table.c.counted_on <= as_of)
        .order_by(
            table.c.municipality, table.c.counted_on.desc(), table.c.source, table.c.community
        )
    )
    newest: defaultdict[str, list[Record]] = defaultdict(list)
    for row in found:
        known = newest[row.municipality]
        if not known or known[0].counted_on == row.counted_on:
            known.append(row)
    return newest


def _single(row: Record) -> Statement:
    return Statement(
        municipality=row.municipality,
        said=Said(row.aspect, row.holds, row.mechanism, is_certain=row.is_certain),
        valid_from=row.since,
        valid_until=row.until,
        attested_on=row.attested_on,
        decision=row.decision,
        decided_on=row.decided_on,
        printed_as=row.printed_as,
        source=row.source,
        locator=row.locator,
    )
