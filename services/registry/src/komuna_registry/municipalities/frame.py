"""All municipalities at one version, held in memory: there are few, and everybody asks for them."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.naming import alphabetical
from komuna_registry.periods import Presence
from komuna_registry.tables import Statement, read_days
from komuna_shared.database import Database, Record, translated
from komuna_shared.languages import to_cyrillic

from .models import (
    FrameVersion,
    Municipality,
    MunicipalityAlias,
    MunicipalityCode,
    MunicipalityName,
    MunicipalityPopulation,
    MunicipalityRegion,
    MunicipalitySuccession,
    Region,
)
from .places import Places, load_places
from .resolution import Code, Index, Spelling, build_index
from .rules import AliasKind, MunicipalityNotFoundError, NameForm

_KEPT_ANSWERS = 256


@dataclass(frozen=True, slots=True)
class Entry:
    """One municipality with everything that is said about it, as stored rows."""

    row: Record
    presence: Presence
    names: Mapping[str, str]
    definite_name: str | None
    sort_key: str
    name_rows: Sequence[Record]
    codes: Sequence[Record]
    aliases: Sequence[Record]
    regions: Sequence[Record]
    populations: Sequence[Record]
    predecessors: Sequence[Record]
    successors: Sequence[Record]


@dataclass(slots=True)
class Frame:
    """The municipalities of one version, how they and their settlements are spelt, and answers."""

    version: int
    entries: dict[str, Entry]
    regions: frozenset[str]
    index: Index
    places: Places
    answers: dict[tuple[str, ...], bytes] = field(default_factory=dict)

    def get(self, slug: str) -> Entry:
        """Return one municipality, or raise."""
        entry = self.entries.get(slug)
        if entry is None:
            raise MunicipalityNotFoundError
        return entry

    def names_of(self, slug: str) -> Mapping[str, str]:
        """Return the names of a municipality; its slug for one that came in this very second."""
        entry = self.entries.get(slug)
        return entry.names if entry else {"sq": slug}

    def keep(self, key: tuple[str, ...], body: bytes) -> None:
        """Keep the bytes of an answer for whoever asks the same, forgetting the oldest."""
        if len(self.answers) >= _KEPT_ANSWERS:
            self.answers.pop(next(iter(self.answers)))
        self.answers[key] = body


class FrameShelf:
    """Holds the newest frame of a process; looks at its version once in `seconds`."""

    def __init__(self, database: Database, seconds: float) -> None:
        self._database = database
        self._seconds = seconds
        self._frame: Frame | None = None
        self._looked_at = 0.0
        self._lock = asyncio.Lock()

    async def current(self) -> Frame:
        """Return a frame that is at most `seconds` older than the database."""
        if self._frame is not None and time.monotonic() - self._looked_at < self._seconds:
            return self._frame
        async with self._lock:
            looking_at = time.monotonic()
            if self._frame is not None and looking_at - self._looked_at < self._seconds:
                return self._frame
            with translated():
                async with self._database.reader(queues=False) as connection:
                    self._frame = await _renew(connection, self._frame)
            self._looked_at = looking_at
            return self._frame


async def read_frame(request: Request) -> Frame:
    """Give the request the municipalities as they are now."""
    return await cast("FrameShelf", request.app.state.frames).current()


CurrentFrame = Annotated[Frame, Depends(read_frame)]


async def load_frame(connection: AsyncConnection | AsyncSession, version: int = 0) -> Frame:
    """Read all municipalities."""
    rows = {statement: await _rows(connection, statement) for statement in _STATEMENTS}
    grouped = {name: _by(rows[name], column) for name, column in _STATEMENTS.items()}
    entries = {
        row.slug: _entry(row, {name: groups[row.slug] for name, groups in grouped.items()})
        for row in rows["municipality"]
    }
    regions = frozenset((await connection.execute(select(Region.code))).scalars())
    return Frame(version, entries, regions, _index(entries), await load_places(connection))


async def _renew(connection: AsyncConnection, known: Frame | None) -> Frame:
    version = (await connection.execute(select(FrameVersion.version))).scalar() or 0
    if known is not None and known.version == version:
        return known
    return await load_frame(connection, version)


_STATEMENTS: dict[str, str] = {
    "municipality": "slug",
    "name": "municipality",
    "code": "municipality",
    "alias": "municipality",
    "region": "municipality",
    "population": "municipality",
    "predecessor": "successor",
    "successor": "predecessor",
}


def _statement(name: str) -> Statement:
    statements: dict[str, Statement] = {
        # Who may be meant is told in this order, which must not change with where rows lie.
        "municipality": select(Municipality.__table__).order_by(Municipality.slug),
        "name": select(MunicipalityName.__table__).order_by(
            *MunicipalityName.__table__.primary_key
        ),
        "code": select(MunicipalityCode.__table__).order_by(MunicipalityCode.scheme),
        "alias": select(MunicipalityAlias.__table__).order_by(
            MunicipalityAlias.text, MunicipalityAlias.source
        ),
        "region": select(
            Region.code,
            Region.scheme,
            Region.names,
            MunicipalityRegion.municipality,
            MunicipalityRegion.source,
            MunicipalityRegion.locator,
        )
        .join_from(MunicipalityRegion, Region, Region.code == MunicipalityRegion.region)
        .order_by(Region.code),
        "population": select(MunicipalityPopulation.__table__).order_by(
            MunicipalityPopulation.vintage
        ),
    }
    succession = MunicipalitySuccession.__table__
    return statements.get(name, select(succession).order_by(*succession.primary_key))


async def _rows(connection: AsyncConnection | AsyncSession, name: str) -> Sequence[Record]:
    return (await connection.execute(_statement(name))).all()


def _by(rows: Sequence[Record], column: str) -> defaultdict[str, list[Record]]:
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, column)].append(row)
    return groups


def _entry(row: Record, said: Mapping[str, list[Record]]) -> Entry:
    names = {one.language: one.text for one in said["name"] if one.form is NameForm.INDEFINITE}
    definite = [one.text for one in said["name"] if one.form is NameForm.DEFINITE]
    if "sr-Latn" in names:
        names.setdefault("sr-Cyrl", to_cyrillic(names["sr-Latn"]))
    return Entry(
        row=row,
        presence=Presence(read_days(row.certain), read_days(row.possible)),
        names=names or {"sq": row.slug},
        definite_name=definite[0] if definite else None,
        sort_key=alphabetical(names.get("sq", row.slug)),
        name_rows=said["name"],
        codes=said["code"],
        aliases=said["alias"],
        regions=said["region"],
        populations=said["population"],
        predecessors=said["predecessor"],
        successors=said["successor"],
    )


def _index(entries: Mapping[str, Entry]) -> Index:
    spellings = [
        Spelling(slug, text, AliasKind.CANONICAL, entry.presence)
        for slug, entry in entries.items()
        for text in entry.names.values()
    ]
    spellings += [
        Spelling(
            slug,
            alias.text,
            alias.kind,
            Presence(read_days(alias.certain), read_days(alias.possible)),
        )
        for slug, entry in entries.items()
        for alias in entry.aliases
    ]
    codes = [
        Code(slug, code.scheme, code.code, code.is_verified)
        for slug, entry in entries.items()
        for code in entry.codes
    ]
    return build_index({slug: entry.presence for slug, entry in entries.items()}, spellings, codes)
