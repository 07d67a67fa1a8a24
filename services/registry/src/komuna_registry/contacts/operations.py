"""What changes contacts one by one: each is judged by the rules that hold for a row of a file."""

from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.history.acting import acting
from komuna_registry.keeping import NotYoursError, check_may_keep_one
from komuna_registry.made_up import check_origin
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.errors import FieldError
from komuna_shared.imports import Row, RowProblem
from komuna_shared.imports.sentences import sentence
from komuna_shared.languages import own

from .ground import load_ground
from .models import Contact
from .rows import ContactRow, as_row
from .rules import ContactRefusedError, ContactTakenError
from .settling import Settled, settle
from .storing import store, tell


async def add_contact(session: AsyncSession, caller: Caller, said: dict[str, Any]) -> str:
    """Keep a new contact and return its id."""
    return str(await _keep(session, caller, _read(said)))


async def change_contact(
    session: AsyncSession, caller: Caller, contact: Record, said: dict[str, Any]
) -> None:
    """Change what is said of a contact that this transaction holds."""
    check_may_keep_one(caller, municipality=contact.municipality, institution=contact.institution)
    await check_origin(session, caller, is_synthetic=contact.is_synthetic)
    known = as_row(contact._mapping)  # noqa: SLF001 -- SQLAlchemy's public name.
    if not said.keys() & {"source", "locator"}:
        # Whatever changes is no longer what the document said that was cited before.
        known |= {"source": None, "locator": None}
    await _keep(session, caller, _read(known | said))


async def remove_contact(session: AsyncSession, caller: Caller, contact: Record) -> None:
    """Take a contact that this transaction holds out of the list."""
    check_may_keep_one(caller, municipality=contact.municipality, institution=contact.institution)
    await check_origin(session, caller, is_synthetic=contact.is_synthetic)
    await acting(session, caller.principal)
    gone = delete(Contact).where(Contact.id == contact.id).returning(*Contact.__table__.c)
    rows = (await session.execute(gone)).mappings().all()
    told = [{**row, "version": row["version"] + 1} for row in rows]
    await tell(session, told, are_gone=True)


async def _keep(session: AsyncSession, caller: Caller, row: ContactRow) -> UUID:
    ground = await load_ground(session, caller, [row])
    settled, problems = settle(ground, [Row(1, row)])
    _check(problems)
    [one] = settled
    if row.id is None and one.stored is not None:
        raise ContactTakenError  # A row of a file would change it; whoever adds one shall see it.
    await acting(session, caller.principal)
    await store(session, ground, settled)
    return _id_of(one)


def _read(said: dict[str, Any]) -> ContactRow:
    try:
        return ContactRow.model_validate(said)
    except ValidationError as invalid:
        found = invalid.errors(include_url=False, include_input=False)
        raise ContactRefusedError(errors=tuple(_place(one) for one in found)) from None


def _place(one: Any) -> FieldError:
    column = one["loc"][0] if one["loc"] else one.get("ctx", {}).get("column", "")
    return FieldError(f"/{column}" if column else "", one["type"], own(one["msg"]))


def _check(problems: list[RowProblem]) -> None:
    if not problems:
        return
    codes = {one.code for one in problems}
    if NotYoursError.code in codes:
        raise NotYoursError
    if ContactTakenError.code in codes:
        raise ContactTakenError
    raise ContactRefusedError(
        errors=tuple(
            FieldError(f"/{one.column}", one.code, one.detail or sentence(one.code), one.params)
            for one in problems
        )
    )


def _id_of(one: Settled) -> UUID:
    found: UUID = one.columns["id"]
    return found
