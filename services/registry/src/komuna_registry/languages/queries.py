"""What the database is asked about languages, and what each municipality owes by that."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.municipalities.rules import CountMethod
from komuna_registry.periods import Presence
from komuna_registry.tables import read_days
from komuna_shared.database import Record

from . import rules
from .models import LanguageRule, MunicipalityLanguage
from .rules import LANGUAGES, Owed, Rule, Spoken

_RELIABLE = frozenset({CountMethod.ENUMERATED, CountMethod.ESTIMATED})


@dataclass(frozen=True, slots=True)
class Law:
    """The rules of a day as stored rows, and what sources tell of who speaks what."""

    rules: Mapping[str, Record]
    judged: Sequence[Rule]
    spoken: Mapping[tuple[str, str], Sequence[Record]]


@dataclass(frozen=True, slots=True)
class Found:
    """What one language is in a municipality, by which rule and which counts."""

    language: str
    owed: Owed
    rule: Record | None
    spoken: Sequence[Record]


async def load_law(connection: AsyncConnection, on: date, municipality: str | None = None) -> Law:
    """Return the rules of a day, and the newest counts before it, of one municipality or all."""
    found = await connection.execute(
        select(LanguageRule.__table__)
        .where(LanguageRule.possible.contains(on))
        .order_by(LanguageRule.code)
    )
    kept = {row.code: row for row in found}
    return Law(
        kept,
        [_rule(row, on) for row in kept.values()],
        await _load_spoken(connection, on, municipality),
    )


def find_all(law: Law, slug: str) -> list[Found]:
    """Return what each language is in one municipality."""
    return [_find(law, slug, language) for language in LANGUAGES]


def _find(law: Law, slug: str, language: str) -> Found:
    rows = law.spoken.get((slug, language), ())
    owed = rules.find_owed(language, slug, law.judged, [_spoken(row) for row in rows])
    return Found(language, owed, law.rules.get(owed.rule or ""), rows)


async def _load_spoken(
    connection: AsyncConnection, on: date, municipality: str | None
) -> dict[tuple[str, str], list[Record]]:
    table = MunicipalityLanguage.__table__
    rows = select(table).where(or_(table.c.counted_on.is_(None), table.c.counted_on <= on))
    if municipality is not None:
        rows = rows.where(table.c.municipality == municipality)
    found = await connection.execute(
        rows.order_by(
            *(table.c.municipality, table.c.language),
            *(table.c.counted_on.desc().nulls_last(), table.c.source),
        )
    )
    return {key: _newest(rows) for key, rows in _by_place(found).items()}


def _by_place(rows: Iterable[Record]) -> dict[tuple[str, str], list[Record]]:
    groups: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for row in rows:
        groups[row.municipality, row.language].append(row)
    return groups


def _newest(rows: Sequence[Record]) -> list[Record]:
    newest = rows[0].counted_on
    return [row for row in rows if row.is_traditional or row.counted_on == newest]


def _rule(row: Record, on: date) -> Rule:
    held = Presence(read_days(row.certain), read_days(row.possible))
    return Rule(
        code=row.code,
        standing=row.standing,
        language=row.language,
        municipality=row.municipality,
        threshold=row.threshold,
        percent=row.percent,
        is_certain=held.certain.holds(on),
    )


def _spoken(row: Record) -> Spoken:
    return Spoken(row.percent if row.method in _RELIABLE else None, row.is_traditional)
