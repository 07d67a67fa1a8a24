"""What in the words of a confidential service could lead to its place, and is refused for it.

A machine knows towns, streets and numbers; a nickname of a house it cannot know. So what is left to
words at all is little: its names, its code and the numbers of its licences.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.institutions.models import Institution, InstitutionName
from komuna_registry.municipalities.models import MunicipalityAlias, MunicipalityName, Settlement
from komuna_registry.naming import normalise
from komuna_registry.sources.models import Source
from komuna_shared.imports import Row, RowProblem

from .models import PLAIN_LOCATOR

_PLACE = "What is said of a confidential service leads to no place: no town, street or number."
_LOCATOR = "A confidential service cites its source by a line, a page or the word of the record."
_INSTITUTION = "A confidential service is offered by an institution that no town can be told from."
_SOURCE = "The source of a confidential service names no town, street or number."
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
        words = normalise(text).split()
        spaced = f" {' '.join(words)} "
        return (
            _NUMBERS.search(text) is not None
            or not _STREETS.isdisjoint(words)
            or not self._words.isdisjoint(words)
            or any(f" {phrase}" in spaced for phrase in self._phrases)
        )


def _forms(name: str) -> set[str]:
    stem = name.rstrip("aeiou")
    stems = {name, stem} if len(stem) >= _STEM else {name}
    return {one + ending for one in stems for ending in _ENDINGS}


async def load_places(session: AsyncSession) -> Places:
    """Return every name and spelling that is known of a municipality, and names of settlements."""
    names = await session.scalars(select(MunicipalityName.text))
    aliases = await session.scalars(select(MunicipalityAlias.text))
    settlements = await session.scalars(select(Settlement.names))
    villages = [text for called in settlements for text in called.values()]
    return Places([*names, *aliases, *villages])


async def check_secrecy(
    session: AsyncSession, rows: Sequence[Row[Any]], texts: Sequence[str]
) -> list[RowProblem]:
    """Return a problem for each cell of these rows, all of confidential services, that tells."""
    if not rows:
        return []
    places = await load_places(session)
    sources = await _find_telling_sources(session, places, {row.value.source for row in rows})
    problems = [
        RowProblem(row.number, name, "confidential_place", _PLACE)
        for row in rows
        for name in texts
        if (cell := getattr(row.value, name)) is not None and places.are_told_in(cell)
    ]
    for row in rows:
        if re.fullmatch(PLAIN_LOCATOR, row.value.locator) is None:
            problems.append(RowProblem(row.number, "locator", "confidential_place", _LOCATOR))
        if row.value.source in sources:
            problems.append(RowProblem(row.number, "source", "confidential_place", _SOURCE))
    return problems


async def check_institutions(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[RowProblem]:
    """Return a problem for each of these rows whose institution is of a town, or named after it."""
    codes = {row.value.institution for row in rows}
    if not codes:
        return []
    places = await load_places(session)
    found = await session.execute(
        select(Institution.code, Institution.names, Institution.municipality).where(
            Institution.code.in_(codes)
        )
    )
    telling = {
        one.code
        for one in found
        if one.municipality is not None or _any(places, [one.code, *one.names.values()])
    }
    named = await session.execute(
        select(InstitutionName.institution, InstitutionName.text).where(
            InstitutionName.institution.in_(codes)
        )
    )
    telling |= {one.institution for one in named if places.are_told_in(one.text)}
    return [
        RowProblem(row.number, "institution", "confidential_place", _INSTITUTION)
        for row in rows
        if row.value.institution in telling
    ]


async def _find_telling_sources(
    session: AsyncSession, places: Places, codes: Iterable[str]
) -> set[str]:
    found = await session.execute(
        select(Source.code, Source.title, Source.url, Source.note).where(
            Source.code.in_(set(codes))
        )
    )
    return {one.code for one in found if _any(places, [one.code, one.title, one.url, one.note])}


def _any(places: Places, texts: Iterable[str | None]) -> bool:
    return any(text is not None and places.are_told_in(text) for text in texts)


def held_back(is_confidential: Mapping[str, bool], rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Return the rows of these that are about a confidential service."""
    return [row for row in rows if is_confidential.get(row.value.service)]
