"""What rows about contacts are judged against: what exists, by which names, and who is asking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.accounts.rules import Role
from komuna_registry.clock import today
from komuna_registry.institutions.models import Institution
from komuna_registry.keeping import OFFICERS
from komuna_registry.made_up import is_made_up
from komuna_registry.municipalities.frame import Frame, load_frame
from komuna_registry.municipalities.resolution import Resolution, Status, resolve
from komuna_registry.naming import normalise
from komuna_registry.offices.models import Office, OfficeKind
from komuna_registry.sources.models import Source
from komuna_shared.access import Caller
from komuna_shared.languages import to_cyrillic

from .models import Contact
from .rows import ContactRow

Owner = tuple[str | None, str | None]
Key = tuple[str | None, str | None, str | None, str | None, str]
Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known at the moment some rows are judged, for the caller who sent them."""

    caller: Caller
    is_made_up: bool
    frame: Frame
    kinds: Mapping[str, str]
    institutions: Mapping[str, Mapping[str, str]]
    sources: frozenset[str]
    offices: Mapping[str, Owner]
    by_id: Mapping[UUID, Stored]
    by_key: Mapping[Key, Stored]

    def resolve(self, spelling: str) -> Resolution:
        """Return which municipality of today is meant by its slug or any spelling."""
        return _resolve(self.frame, spelling)

    def find_kind(self, name: str) -> str | None:
        """Return the code of a kind of office by that code or its name in any language."""
        return self.kinds.get(normalise(name))

    def is_own(self, municipality: str | None, institution: str | None) -> bool:
        """Tell whether the caller speaks for this owner itself."""
        if institution is not None:
            return self.caller.has(Role.INSTITUTION_ADMIN.value, institution=institution)
        return any(self.caller.has(role, municipality=municipality) for role in OFFICERS)


async def load_ground(session: AsyncSession, caller: Caller, rows: Iterable[ContactRow]) -> Ground:
    """Read what these rows refer to, and the contacts that they may be about."""
    sent = list(rows)
    frame = await load_frame(session)
    kinds = await _load_kinds(session)
    spelt = {one.municipality for one in sent if one.municipality}
    slugs = {slug for one in spelt if (slug := _resolve(frame, one).slug)}
    named = {one.institution for one in sent} - {None}
    stored = await _load_contacts(session, sent, slugs, named)
    return Ground(
        caller=caller,
        is_made_up=await is_made_up(session, caller),
        frame=frame,
        kinds=kinds,
        institutions=await _load_institutions(session, named),
        sources=frozenset(
            await session.scalars(
                select(Source.code).where(Source.code.in_({one.source for one in sent} - {None}))
            )
        ),
        offices=await _load_offices(session, {one.office for one in sent} - {None}),
        by_id={one["id"]: one for one in stored},
        by_key={key_of(one): one for one in stored},
    )


def key_of(stored: Stored) -> Key:
    """Return what no two contacts share: whose, as what, and who."""
    return (
        stored["municipality"],
        stored["institution"],
        stored["kind"],
        stored["position"],
        stored["name"],
    )


def _resolve(frame: Frame, spelling: str) -> Resolution:
    if spelling in frame.entries:
        return Resolution(Status.MATCHED, slug=spelling)
    return resolve(frame.index, spelling, scheme=None, on=today())


async def _load_institutions(
    session: AsyncSession, codes: set[str | None]
) -> dict[str, Mapping[str, str]]:
    found = await session.execute(
        select(Institution.code, Institution.names).where(Institution.code.in_(codes))
    )
    return {one.code: one.names for one in found}


async def list_kinds(
    connection: AsyncConnection | AsyncSession,
) -> list[tuple[str, Mapping[str, str]]]:
    """Return the codes of all kinds of offices with their names, in order."""
    found = select(OfficeKind.code, OfficeKind.names).order_by(OfficeKind.code)
    return [(one.code, one.names) for one in await connection.execute(found)]


async def _load_kinds(session: AsyncSession) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for code, names in await list_kinds(session):
        for name in (code, *names.values(), to_cyrillic(names.get("sr-Latn", ""))):
            kinds.setdefault(normalise(name), code)
    kinds.pop("", None)
    return kinds


async def _load_offices(session: AsyncSession, codes: set[str | None]) -> dict[str, Owner]:
    table = Office.__table__.c
    found = await session.execute(
        select(table.code, table.municipality, table.institution).where(table.code.in_(codes))
    )
    return {one.code: (one.municipality, one.institution) for one in found}


async def _load_contacts(
    session: AsyncSession, rows: list[ContactRow], slugs: set[str], institutions: set[str | None]
) -> list[Stored]:
    table = Contact.__table__
    found = await session.execute(
        select(table).where(
            or_(
                table.c.id.in_({one.id for one in rows} - {None}),
                table.c.municipality.in_(slugs),
                table.c.institution.in_(institutions),
            )
        )
    )
    return [dict(one) for one in found.mappings()]
