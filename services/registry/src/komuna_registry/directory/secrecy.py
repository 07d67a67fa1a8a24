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
from komuna_registry.secrecy import INSTITUTION, PLACE, SOURCE, Places, are_any_told, load_places
from komuna_registry.sources.models import Source
from komuna_shared.imports import Row, RowProblem

from .models import PLAIN_LOCATOR

_LOCATOR = "A confidential service cites its source by a line, a page or the word of the record."


async def check_secrecy(
    session: AsyncSession, rows: Sequence[Row[Any]], texts: Sequence[str]
) -> list[RowProblem]:
    """Return a problem for each cell of these rows, all of confidential services, that tells."""
    if not rows:
        return []
    places = await load_places(session)
    sources = await _find_telling_sources(session, places, {row.value.source for row in rows})
    problems = [
        RowProblem(row.number, name, "confidential_place", PLACE)
        for row in rows
        for name in texts
        if (cell := getattr(row.value, name)) is not None and places.are_told_in(cell)
    ]
    for row in rows:
        if re.fullmatch(PLAIN_LOCATOR, row.value.locator) is None:
            problems.append(RowProblem(row.number, "locator", "confidential_place", _LOCATOR))
        if row.value.source in sources:
            problems.append(RowProblem(row.number, "source", "confidential_place", SOURCE))
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
        if one.municipality is not None or are_any_told(places, [one.code, *one.names.values()])
    }
    named = await session.execute(
        select(InstitutionName.institution, InstitutionName.text).where(
            InstitutionName.institution.in_(codes)
        )
    )
    telling |= {one.institution for one in named if places.are_told_in(one.text)}
    return [
        RowProblem(row.number, "institution", "confidential_place", INSTITUTION)
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
    return {
        one.code for one in found if are_any_told(places, [one.code, one.title, one.url, one.note])
    }


def held_back(is_confidential: Mapping[str, bool], rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Return the rows of these that are about a confidential service."""
    return [row for row in rows if is_confidential.get(row.value.service)]
