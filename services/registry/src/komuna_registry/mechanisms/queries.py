"""What the database is asked about mechanisms, and the coverage that follows from it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.filter_values import UnknownFilterValueError
from komuna_registry.municipalities.frame import Entry, Frame
from komuna_registry.periods import Certainty, presence
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from . import rules, statements
from .models import MechanismKind, MechanismPublication
from .requirement import Share, find_requirement
from .rules import Finding, Mandate, Required
from .statements import Statement


@dataclass(frozen=True, slots=True)
class MunicipalityFound:
    """One municipality, its state, and the statements and shares that this follows from."""

    entry: Entry
    finding: Finding
    required: Required
    statements: Sequence[Statement]
    shares: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The state of every municipality of a day."""

    kind: Record
    as_of: date
    rows: Sequence[MunicipalityFound]
    possible_count: int
    consulted: Sequence[tuple[str, str]]
    published: Sequence[Record]


async def list_kinds(connection: AsyncConnection, page: PageRequest) -> Found[Record]:
    """Return one page of the kinds of mechanisms, by code."""
    return await keyset(
        connection,
        select(MechanismKind.__table__),
        page,
        keys=(Key("code", MechanismKind.__table__.c.code),),
    )


async def get_kind(connection: AsyncConnection, named: str) -> Record:
    """Return the kind of that code or abbreviation, or raise."""
    found = await connection.execute(
        select(MechanismKind.__table__).where(
            or_(MechanismKind.code == named, func.lower(MechanismKind.abbreviation) == named)
        )
    )
    kind = found.first()
    if kind is None:
        raise UnknownFilterValueError(("kind",))
    return kind


async def compute_coverage(
    connection: AsyncConnection, frame: Frame, named: str, as_of: date
) -> Coverage:
    """Return the state of every municipality that certainly existed on the day."""
    kind = await get_kind(connection, named)
    general = await statements.list_general(connection, kind.code, as_of)
    single = await statements.list_single(connection, kind.code, as_of)
    shares: dict[str, list[Record]] = {}
    if kind.mandate is Mandate.COMMUNITIES_TEN_PERCENT:
        shares = await statements.list_shares(connection, as_of)
    said: defaultdict[str, list[Statement]] = defaultdict(list)
    for one in (*general, *single):
        said[one.municipality].append(one)
    since = kind.mandate_since
    begun = presence(since, None).on(as_of) if since else Certainty.CERTAIN
    existing = sorted(
        (entry for entry in frame.entries.values() if entry.presence.on(as_of)),
        key=lambda entry: (entry.sort_key, entry.row.slug),
    )
    certain = [entry for entry in existing if entry.presence.on(as_of) is Certainty.CERTAIN]
    rows = [
        _find(
            entry,
            (kind.mandate, begun, kind.mandate_percent),
            said[entry.row.slug],
            shares.get(entry.row.slug, []),
            is_covered=bool(general),
        )
        for entry in certain
    ]
    consulted = sorted({(one.source, one.locator) for one in general})
    published = await _list_publications(connection, kind.code)
    return Coverage(kind, as_of, rows, len(existing) - len(certain), consulted, published)


def _find(
    entry: Entry,
    mandate: tuple[Mandate, Certainty | None, Decimal | None],
    said: Sequence[Statement],
    counted: Sequence[Record],
    *,
    is_covered: bool,
) -> MunicipalityFound:
    judged = [one.said for one in said]
    shares = [
        Share(
            one.source,
            one.community,
            one.is_majority,
            one.percent if statements.is_reliable(one.method) else None,
        )
        for one in counted
    ]
    rule, begun, percent = mandate
    required = find_requirement(rule, judged, shares, begun=begun, percent=percent)
    finding = rules.find_state(judged, required, is_covered=is_covered)
    return MunicipalityFound(entry, finding, required, said, counted)


async def _list_publications(connection: AsyncConnection, kind: str) -> Sequence[Record]:
    table = MechanismPublication.__table__
    found = await connection.execute(
        select(table).where(table.c.kind == kind).order_by(table.c.period, table.c.indicator)
    )
    return found.all()
