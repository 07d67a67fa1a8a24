"""What the database is asked about mechanisms, and the coverage that follows from it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.municipalities.frame import Entry, Frame
from komuna_registry.periods import Certainty
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from . import rules
from .models import MechanismKind, MechanismStatement
from .rules import Finding, KindNotFoundError, Said


@dataclass(frozen=True, slots=True)
class MunicipalityFound:
    """One municipality, its state, and the statements that this follows from."""

    entry: Entry
    finding: Finding
    statements: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The state of every municipality of a day."""

    kind: Record
    as_of: date
    rows: Sequence[MunicipalityFound]
    possible_count: int
    consulted: Sequence[tuple[str, str]]


async def list_kinds(connection: AsyncConnection, page: PageRequest) -> Found[Record]:
    """Return one page of the kinds of mechanisms, by code."""
    return await keyset(
        connection,
        select(MechanismKind.__table__),
        page,
        keys=(Key("code", MechanismKind.__table__.c.code),),
    )


async def compute_coverage(
    connection: AsyncConnection, frame: Frame, kind: str, as_of: date
) -> Coverage:
    """Return the state of every municipality that certainly existed on the day."""
    found = await _get_kind(connection, kind)
    statements = await _list_statements(connection, kind, as_of)
    said: defaultdict[str, list[Record]] = defaultdict(list)
    for one in statements:
        said[one.municipality].append(one)
    existing = sorted(
        (entry for entry in frame.entries.values() if entry.presence.on(as_of)),
        key=lambda entry: (entry.sort_key, entry.row.slug),
    )
    certain = [entry for entry in existing if entry.presence.on(as_of) is Certainty.CERTAIN]
    rows = [_find(entry, said[entry.row.slug], is_covered=bool(statements)) for entry in certain]
    consulted = sorted({(one.source, one.locator) for one in statements})
    return Coverage(found, as_of, rows, len(existing) - len(certain), consulted)


def _find(entry: Entry, statements: Sequence[Record], *, is_covered: bool) -> MunicipalityFound:
    said = [Said(one.aspect, one.holds) for one in statements]
    return MunicipalityFound(entry, rules.find_state(said, is_covered=is_covered), statements)


async def _get_kind(connection: AsyncConnection, code: str) -> Record:
    statement = select(MechanismKind.__table__).where(MechanismKind.code == code)
    found = (await connection.execute(statement)).one_or_none()
    if found is None:
        raise KindNotFoundError
    return found


async def _list_statements(connection: AsyncConnection, kind: str, as_of: date) -> Sequence[Record]:
    statement = (
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
    return (await connection.execute(statement)).all()
