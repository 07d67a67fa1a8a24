"""What the database is asked about contacts. Every statement starts from `_visible_to`."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.filter_values import check_filters
from komuna_registry.institutions.models import Institution
from komuna_registry.municipalities.models import Municipality
from komuna_registry.naming import like, normalise
from komuna_registry.offices.models import OfficeKind
from komuna_registry.tables import Statement
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Contact
from .rules import ContactNotFoundError

_BATCH = 1000
_MOST_FOUND = 50
_KEYS = (
    Key("municipality", Contact.__table__.c.municipality, nullable=True),
    Key("institution", Contact.__table__.c.institution, nullable=True),
    Key("name", Contact.__table__.c.name),
    Key("id", Contact.__table__.c.id),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which contacts a list is about."""

    as_of: date | None = None
    municipality: Sequence[str] = ()
    institution: Sequence[str] = ()
    kind: Sequence[str] = ()


def _visible_to(caller: Caller) -> Statement:
    """Select what somebody of an institution or a municipality may see; without a role nothing."""
    seen: Statement = (
        select(
            *Contact.__table__.c,
            OfficeKind.names.label("kind_names"),
            Institution.names.label("institution_names"),
        )
        .outerjoin_from(Contact, OfficeKind, OfficeKind.code == Contact.kind)
        .outerjoin(Institution, Institution.code == Contact.institution)
    )
    return seen if caller.roles else seen.where(Contact.id.is_(None))


def _wanted_by(caller: Caller, wanted: Wanted) -> Statement:
    rows = _visible_to(caller)
    for column, values in (
        (Contact.municipality, wanted.municipality),
        (Contact.institution, wanted.institution),
        (Contact.kind, wanted.kind),
    ):
        if values:
            rows = rows.where(column.in_(values))
    if wanted.as_of is not None:
        rows = rows.where(Contact.possible.contains(wanted.as_of))
    return rows


async def list_contacts(
    connection: AsyncConnection, page: PageRequest, caller: Caller, wanted: Wanted
) -> Found[Record]:
    """Return one page of contacts, by municipality, institution and name."""
    rows = _wanted_by(caller, wanted)
    order = "municipality,institution,name"
    found = await keyset(connection, rows, page, keys=_KEYS, default=order)
    await check_filters(
        connection,
        found.items,
        municipality=(Municipality.slug, wanted.municipality),
        institution=(Institution.code, wanted.institution),
        kind=(OfficeKind.code, wanted.kind),
    )
    return found


async def read_contacts(
    connection: AsyncConnection, page: PageRequest, caller: Caller, wanted: Wanted, *, most: int
) -> AsyncIterator[Sequence[Record]]:
    """Yield all contacts of a list in batches, up to `most`."""
    rest, cursor = most, page.cursor
    while rest > 0:
        part = replace(page, limit=min(_BATCH, rest), cursor=cursor, count=False)
        found = await list_contacts(connection, part, caller, wanted)
        yield found.items
        rest -= len(found.items)
        cursor = found.page.next_cursor
        if cursor is None:
            return


async def search_contacts(
    connection: AsyncConnection, caller: Caller, name: str
) -> Sequence[Record]:
    """Return the contacts whose name has these words in it, however it is spelt, up to fifty."""
    rows = _visible_to(caller).where(*(Contact.words.like(like(one)) for one in _words(name)))
    ordered = rows.order_by(Contact.name, Contact.id).limit(_MOST_FOUND)
    return (await connection.execute(ordered)).all()


async def get_contact(
    connection: AsyncConnection | AsyncSession,
    caller: Caller,
    contact_id: UUID,
    *,
    is_changing: bool = False,
) -> Record:
    """Return one contact, or raise; `is_changing` holds it until the transaction ends."""
    rows = _visible_to(caller).where(Contact.id == contact_id)
    if is_changing:
        rows = rows.with_for_update(of=Contact)
    found = (await connection.execute(rows)).one_or_none()
    if found is None:
        raise ContactNotFoundError
    return found


def _words(name: str) -> list[str]:
    # Signs alone find nobody, and not everybody.
    return normalise(name).split() or [name]
