"""How settled contacts reach the table, each with its source, and who follows is told."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.clock import today
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_registry.sources.schemas import SourceOut
from komuna_registry.upserts import upsert
from komuna_shared.changes import Change, publish, publish_all
from komuna_shared.imports import Counts

from .audiences import AUDIENCE
from .ground import Ground
from .models import Contact
from .settling import Settled

_TITLE = "Lista e kontakteve zyrtare"
_TOLD = (
    *("municipality", "institution", "kind", "position", "office", "name", "email", "telephone"),
    *("languages", "valid_from", "valid_until", "source", "locator", "is_synthetic"),
)


async def store(session: AsyncSession, ground: Ground, settled: Sequence[Settled]) -> Counts:
    """Write contacts, give new ones an id, and tell who may know of them."""
    await _name_sources(session, ground, settled)
    new = [one.columns for one in settled if one.columns["id"] is None]
    for columns, new_id in zip(new, await _new_ids(session, len(new)), strict=True):
        columns["id"] = new_id
    rows = [one.columns for one in settled]
    counts, changed = await upsert(session, Contact, rows, keys=("id",))
    await tell(session, changed)
    return counts


async def tell(
    session: AsyncSession, contacts: Iterable[Mapping[str, Any]], *, are_gone: bool = False
) -> None:
    """Publish contacts to those who may read them, and to nobody else."""
    await publish_all(
        session,
        [
            Change(
                type="contact",
                id=str(one["id"]),
                version=one["version"],
                data={name: one[name] for name in _TOLD},
                op="delete" if are_gone else "upsert",
                audience=AUDIENCE,
            )
            for one in contacts
        ],
    )


async def _new_ids(session: AsyncSession, count: int) -> Sequence[UUID]:
    # The database makes them in order of time, as it does for rows of other tables.
    made = select(func.uuidv7()).select_from(func.generate_series(1, count))
    return (await session.scalars(made)).all() if count else []


async def _name_sources(session: AsyncSession, ground: Ground, settled: Iterable[Settled]) -> None:
    """Cite the list that the owner keeps here wherever nothing else is cited."""
    waiting = [one.columns for one in settled if one.needs_source]
    known: set[str] = set()
    for columns in waiting:
        code = f"contacts-{columns['municipality'] or columns['institution']}"[:88]
        if columns["is_synthetic"]:
            code = f"{code}-made-up"
        if code not in known:
            await _keep_list(session, ground, code, columns)
            known.add(code)
        columns |= {"source": code, "locator": today().isoformat()}


async def _keep_list(
    session: AsyncSession, ground: Ground, code: str, columns: Mapping[str, Any]
) -> None:
    slug, institution = columns["municipality"], columns["institution"]
    names = ground.frame.names_of(slug) if slug else ground.institutions[institution]
    new = {
        "code": code,
        "title": _TITLE,
        "issuer": names.get("sq") or next(iter(names.values())),
        "language": "sq",
        "standing": Standing.SYNTHETIC if columns["is_synthetic"] else Standing.PRIMARY,
    }
    added = insert(Source).values(new).on_conflict_do_nothing().returning(*Source.__table__.c)
    row = (await session.execute(added)).one_or_none()
    if row is not None:
        told = SourceOut.model_validate(row).model_dump(mode="json")
        await publish(session, type="source", id=code, version=row.version, data=told)
