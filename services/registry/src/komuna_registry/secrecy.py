"""Which words lead to the place of a confidential service, on whichever way they come in.

It knows the tables by name alone: institutions, places and sources ask it before they are written,
and it would otherwise import those who import it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import FromClause, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.intake import Check
from komuna_registry.naming import normalise
from komuna_registry.tables import Base
from komuna_shared.errors import FieldError, RuleError
from komuna_shared.imports import Row, RowProblem

PLACE = "What is said of a confidential service leads to no place: no town, street or number."
INSTITUTION = "A confidential service is offered by an institution that no town can be told from."
SOURCE = "The source of a confidential service names no town, street or number."
_CALLED = "A confidential service, or who offers it, is called by this word; rename that first."
_STREETS = frozenset(
    re.findall(
        r"\w+",
        """rr rruga rruges rrugen ul ulica ulici ulice street st road bulevardi bulevar bul blv
        sheshi trg lagjja lagja lagje naselje fshati fshat selo village nr br hyrja ulaz kati sprat
        banesa stan apartment floor building objekti zgrada kilometri km adresa address""",
    )
)
# The endings that names of towns take in Albanian and in Serbian.
_ENDINGS = ("", *"aeiousntm", "es", "en", "it", "in", "ut", "un", "ve", "om", "em", "ski", "ska")
_STEM = 4
_NUMBERS = re.compile(r"\d{5}|\d[.,]\d{2}|\+\s?\d|\d\s?°")


class Places:
    """The names of towns in the forms in which people write them."""

    def __init__(self, names: Iterable[str]) -> None:
        phrases = {normalise(name) for name in names} - {""}
        self._words = {form for one in phrases if " " not in one for form in _forms(one)}
        self._phrases = {one for one in phrases if " " in one}

    def are_told_in(self, text: str) -> bool:
        """Tell whether a text names a town or a street, or has a number of one."""
        return (
            _NUMBERS.search(text) is not None
            or not _STREETS.isdisjoint(normalise(text).split())
            or self.are_named_in(text)
        )

    def are_named_in(self, text: str) -> bool:
        """Tell whether a text names a town."""
        words = normalise(text).split()
        spaced = f" {' '.join(words)} "
        return not self._words.isdisjoint(words) or any(
            f" {phrase}" in spaced for phrase in self._phrases
        )


def _forms(name: str) -> set[str]:
    stem = name.rstrip("aeiou")
    stems = {name, stem} if len(stem) >= _STEM else {name}
    return {one + ending for one in stems for ending in _ENDINGS}


async def load_places(session: AsyncSession) -> Places:
    """Return every name and spelling that is known of a municipality, and names of settlements."""
    names = await session.scalars(select(_table("municipality_name").c.text))
    aliases = await session.scalars(select(_table("municipality_alias").c.text))
    settlements = await session.scalars(select(_table("settlement").c.names))
    villages = [text for called in settlements for text in called.values()]
    return Places([*names, *aliases, *villages])


class ConfidentialPlaceError(RuleError):
    """The words would lead to the place of a confidential service."""

    code = "confidential_place"
    detail = INSTITUTION

    def __init__(self, pointers: Iterable[str]) -> None:
        super().__init__(errors=tuple(FieldError(one, self.code) for one in pointers))


async def check_words(session: AsyncSession, institution: str, said: Mapping[str, str]) -> None:
    """Raise for what is said, by pointer, of whoever offers a confidential service."""
    if await _find_bound(session, {institution}):
        places = await load_places(session)
        told = [pointer for pointer, text in said.items() if places.are_told_in(text)]
        if told:
            raise ConfidentialPlaceError(told)


def guards_institutions(column: str, *texts: str) -> Check:
    """Return what refuses rows of institutions that would tell where they hide somebody."""

    async def check(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[RowProblem]:
        bound = await _find_bound(session, {getattr(row.value, column) for row in rows})
        held = [row for row in rows if getattr(row.value, column) in bound]
        places = await load_places(session) if held else Places([])
        return [
            RowProblem(row.number, name, ConfidentialPlaceError.code, INSTITUTION)
            for row in held
            for name in texts
            if (cell := getattr(row.value, name)) is not None
            and (name == "municipality" or places.are_told_in(cell))
        ]

    return check


async def check_sources(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[RowProblem]:
    """Return a problem for each document of a confidential service that would name a place."""
    codes = {row.value.code for row in rows}
    cited = set(await session.scalars(union(*_citing(codes))))
    held = [row for row in rows if row.value.code in cited]
    places = await load_places(session) if held else Places([])
    return [
        RowProblem(row.number, name, ConfidentialPlaceError.code, SOURCE)
        for row in held
        for name in ("title", "url", "note")
        if are_any_told(places, [getattr(row.value, name)])
    ]


def guards_places(*columns: str) -> Check:
    """Return what refuses names of places by which something confidential is called already."""

    def named(rows: Iterable[Row[Any]]) -> Places:
        cells = [getattr(row.value, column) for row in rows for column in columns]
        return Places([cell for cell in cells if cell is not None])

    async def check(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[RowProblem]:
        secret = await _load_secret_words(session)
        known = await load_places(session)
        new = [text for text in secret if not known.are_named_in(text)]
        if not _are_any_named(named(rows), new):
            return []
        return [
            RowProblem(row.number, columns[0], ConfidentialPlaceError.code, _CALLED)
            for row in rows
            if _are_any_named(named([row]), new)
        ]

    return check


def are_any_told(places: Places, texts: Iterable[str | None]) -> bool:
    """Tell whether one of these texts, as far as there are any, tells a place."""
    return any(text is not None and places.are_told_in(text) for text in texts)


def _are_any_named(places: Places, texts: Iterable[str]) -> bool:
    return any(places.are_named_in(text) for text in texts)


def _table(name: str) -> FromClause:
    return Base.metadata.tables[name]


async def _find_bound(session: AsyncSession, institutions: Iterable[str]) -> set[str]:
    """Return which of these institutions offer a confidential service."""
    service = _table("service").c
    return set(
        await session.scalars(
            select(service.institution).where(
                service.is_confidential, service.institution.in_(list(institutions))
            )
        )
    )


def _citing(codes: Iterable[str]) -> Iterable[Any]:
    """Select which of these documents a confidential service or a part of it cites."""
    service = _table("service")
    named = list(codes)
    yield select(service.c.source).where(service.c.is_confidential, service.c.source.in_(named))
    for table in Base.metadata.sorted_tables:
        if table.name.startswith("service_"):
            yield (
                select(table.c.source)
                .join_from(table, service, service.c.code == table.c.service)
                .where(service.c.is_confidential, table.c.source.in_(named))
            )


async def _load_secret_words(session: AsyncSession) -> list[str]:
    """Return what confidential services, their licences and who offers them are called."""
    service, licence = _table("service"), _table("service_license")
    institution, name = _table("institution"), _table("institution_name")
    hidden = select(service.c.code, service.c.institution).where(service.c.is_confidential).cte()
    called = await session.execute(
        union(
            select(service.c.code, service.c.names).where(service.c.is_confidential),
            select(institution.c.code, institution.c.names).where(
                institution.c.code.in_(select(hidden.c.institution))
            ),
        )
    )
    words = [text for one in called for text in (one.code, *one.names.values())]
    words += await session.scalars(
        union(
            select(licence.c.number).where(licence.c.service.in_(select(hidden.c.code))),
            select(name.c.text).where(name.c.institution.in_(select(hidden.c.institution))),
        )
    )
    return words
