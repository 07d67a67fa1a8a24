"""Keeping the copy of registry's municipalities, and finding out which one a name means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators.clients.registry import RegistryClient
from komuna_shared.changes import Change
from komuna_shared.errors import UnavailableError
from komuna_shared.follower import Copy
from komuna_shared.http import RefusedError

from . import queries, rules
from .models import Municipality

_NAMES_PER_CALL = 5_000


@dataclass(frozen=True, slots=True)
class Resolved:
    """The slug for each name that has one, and the age of the copy where that answered."""

    slugs: dict[str, str]
    is_copy: bool = False
    as_of: datetime | None = None


async def copy_municipalities(session: AsyncSession, changes: Sequence[Change]) -> None:
    """Write down what registry's feed says about municipalities."""
    gone = [one.id for one in changes if one.data is None]
    if gone:
        await session.execute(delete(Municipality).where(Municipality.slug.in_(gone)))
    rows = [_row(one.id, one.version, one.data) for one in changes if one.data is not None]
    if rows:
        new = insert(Municipality).values(rows)
        replaced = {name: new.excluded[name] for name in rows[0] if name != "slug"}
        await session.execute(new.on_conflict_do_update(index_elements=["slug"], set_=replaced))


async def clear_municipalities(session: AsyncSession) -> None:
    """Forget the copy, before the feed tells everything again."""
    await session.execute(delete(Municipality))


MUNICIPALITIES = Copy(copy_municipalities, clear_municipalities)


async def resolve_names(
    session: AsyncSession, registry: RegistryClient, names: Iterable[str], *, on: date | None
) -> Resolved:
    """Return which municipality each name means; the copy answers while registry does not."""
    # On the first start a file may be here before the copy is.
    known = await queries.find_slugs(session) or await registry.list_slugs()
    asked = sorted(set(names) - known)
    slugs = {name: name for name in names if name in known}
    if not asked:
        return Resolved(slugs)
    try:
        for start in range(0, len(asked), _NAMES_PER_CALL):
            part = asked[start : start + _NAMES_PER_CALL]
            found = await registry.resolve(part, on)
            slugs |= {name: one.slug for name, one in zip(part, found, strict=True) if one.slug}
    except (UnavailableError, RefusedError):
        return await _from_copy(session, slugs, asked)
    return Resolved(slugs)


async def _from_copy(
    session: AsyncSession, slugs: dict[str, str], asked: Sequence[str]
) -> Resolved:
    spelt = {name: rules.normalise(name) for name in asked}
    found = await queries.find_spellings(session, set(spelt.values()))
    slugs |= {name: found[spelling] for name, spelling in spelt.items() if spelling in found}
    return Resolved(slugs, is_copy=True, as_of=await queries.copied_at(session))


def _row(slug: str, version: int, told: dict[str, Any]) -> dict[str, Any]:
    names = {str(tag): str(name) for tag, name in (told.get("names") or {"sq": slug}).items()}
    spellings = {rules.normalise(name) for name in (*names.values(), slug)}
    spellings |= {rules.normalise(str(one)) for one in told.get("spellings") or ()}
    # Denominators count what existed for certain; an open end is open for ever.
    since, until = told.get("certain_from"), told.get("certain_until")
    return {
        "slug": slug,
        "names": names,
        "spellings": sorted(spellings),
        "valid_from": date.fromisoformat(since) if since else date.min,
        "valid_until": date.fromisoformat(until) if until else None,
        "version": version,
        "copied_at": func.now(),
    }
