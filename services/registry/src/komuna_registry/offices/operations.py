"""What changes offices and who holds them: each by an act of the owner, recorded and told."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import exists, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry import periods
from komuna_registry.citations import Citation
from komuna_registry.history.acting import acting
from komuna_registry.institutions.models import Institution
from komuna_registry.keeping import check_may_keep_one
from komuna_registry.made_up import check_same_origin, is_made_up
from komuna_registry.municipalities.frame import Frame
from komuna_registry.municipalities.models import Municipality
from komuna_registry.names import merge_names
from komuna_registry.naming import findable
from komuna_registry.recording import check_known
from komuna_registry.sources.acts import ActIn, record_act
from komuna_registry.tables import ranges
from komuna_shared import audit, outbox
from komuna_shared.access import Caller
from komuna_shared.database import Record, sqlstate
from komuna_shared.errors import FieldError
from komuna_shared.languages import label

from . import holders, origins, queries, telling
from .inputs import HolderIn, OfficeChangeIn, OfficeIn, TenureChangeIn, TenureIn
from .models import LONGEST_WORDS, Holder, Office, OfficeKind, Tenure
from .rules import (
    KindOwnerError,
    OfficeTakenError,
    SeatNotFoundError,
    SeatsHeldError,
    TenureOverlapError,
    may_own,
)

_EXCLUDED = "23P01"


async def open_office(session: AsyncSession, caller: Caller, code: str) -> Record:
    """Return an office for whoever keeps it, held until the transaction ends, or raise."""
    office = await queries.get_office(session, code, is_changing=True)
    check_may_keep_one(caller, municipality=office.municipality, institution=office.institution)
    await acting(session, caller.principal)
    return office


async def open_tenure(session: AsyncSession, caller: Caller, tenure_id: UUID) -> Record:
    """Return a tenure for whoever keeps its office, held until the transaction ends, or raise."""
    # The office first, as whoever records a tenure does: so two never wait for each other.
    known = await queries.get_tenure(session, tenure_id)
    await open_office(session, caller, known.office)
    tenure = await queries.get_tenure(session, tenure_id, is_changing=True)
    await check_same_origin(session, caller, tenure.source)
    return tenure


async def create_office(
    session: AsyncSession, caller: Caller, frame: Frame, wanted: OfficeIn
) -> str:
    """Record an office of the caller's own municipality or institution, and return its code."""
    check_may_keep_one(caller, municipality=wanted.municipality, institution=wanted.institution)
    if not may_own(wanted.kind, is_municipality=wanted.municipality is not None):
        raise KindOwnerError(errors=(FieldError("/kind", KindOwnerError.code),))
    await check_known(
        session,
        kind=(OfficeKind.code, wanted.kind),
        municipality=(Municipality.slug, wanted.municipality),
        institution=(Institution.code, wanted.institution),
    )
    await acting(session, caller.principal)
    whole = f"{wanted.kind}-{wanted.municipality or wanted.institution}".replace("_", "-")
    await _check_free(session, wanted, whole)
    cited = await cite_act(session, caller, frame, wanted, wanted.act)
    new = {
        "code": f"{whole}-{wanted.part}" if wanted.part else whole,
        **wanted.model_dump(include={"kind", "municipality", "institution", "seats"}),
        **_named(wanted.names),
        **cited.model_dump(),
    }
    made = await session.execute(insert(Office).values(new).returning(*Office.__table__.c))
    row = made.one()._mapping  # noqa: SLF001  The documented name of a row's mapping.
    await telling.tell_offices(session, [row])
    await note(session, caller, "office.create", row["code"], row["version"])
    return str(row["code"])


async def change_office(
    session: AsyncSession, caller: Caller, frame: Frame, office: Record, wanted: OfficeChangeIn
) -> None:
    """Change the names or the seats of an office that was opened."""
    await check_same_origin(session, caller, office.source)
    kept = merge_names(office.names, wanted.names)
    seats = wanted.seats or office.seats
    beyond = exists().where(Tenure.office == office.code, Tenure.seat > seats)
    if await session.scalar(select(beyond)):
        raise SeatsHeldError(errors=(FieldError("/seats", SeatsHeldError.code),))
    act = wanted.act
    cited = await cite_act(session, caller, frame, office, act) if act else None
    changed = {**_named(kept), "seats": seats, **(cited.model_dump() if cited else {})}
    if all(getattr(office, name) == value for name, value in changed.items()):
        return
    written = await session.execute(
        update(Office)
        .where(Office.code == office.code)
        .values(**changed, version=Office.version + 1)
        .returning(*Office.__table__.c)
    )
    row = written.one()._mapping  # noqa: SLF001
    await telling.tell_offices(session, [row])
    await note(session, caller, "office.change", office.code, row["version"])


async def record_tenure(
    session: AsyncSession, caller: Caller, frame: Frame, code: str, wanted: TenureIn
) -> str:
    """Record that somebody holds a seat, and return the id of the tenure."""
    office = await open_office(session, caller, code)
    if wanted.seat > office.seats:
        raise SeatNotFoundError(errors=(FieldError("/seat", SeatNotFoundError.code),))
    held = periods.presence(wanted.since, wanted.until)
    await origins.check_begun(session, caller, held)
    cited = await cite_act(session, caller, frame, office, wanted.act)
    holder = wanted.holder
    if isinstance(holder, HolderIn):
        holder = await holders.record_holder(session, holder, cited)
    else:
        await check_known(session, holder=(Holder.code, holder))
    new = {
        "office": code,
        "holder": holder,
        **wanted.model_dump(include={"seat", "since", "until", "is_acting"}),
        **ranges(held),
        **cited.model_dump(),
        **(_ended(cited) if wanted.until else {}),
    }
    row = await _write(session, insert(Tenure).values(new).returning(*Tenure.__table__.c))
    await telling.tell_tenures(session, [row])
    await note(session, caller, "tenure.record", str(row["id"]), row["version"])
    return str(row["id"])


async def change_tenure(
    session: AsyncSession, caller: Caller, frame: Frame, tenure: Record, wanted: TenureChangeIn
) -> None:
    """End a tenure that was opened, or correct what an earlier act said of it."""
    sent = wanted.model_dump(exclude={"act"}, exclude_unset=True)
    new = {name: value for name, value in sent.items() if value != getattr(tenure, name)}
    # A tenure begins, and is acting or not: null says nothing of them.
    new = {name: value for name, value in new.items() if value is not None or name == "until"}
    origins.check_not_rewritten(tenure, new)
    if not new:
        return
    office = await queries.get_office(session, tenure.office)
    cited = await cite_act(session, caller, frame, office, wanted.act)
    if "until" in new:
        new |= _ended(cited) if new["until"] else {"until_source": None, "until_locator": None}
    if new.keys() & {"since", "is_acting"}:
        new |= cited.model_dump()
    dates = {name: new.get(name, getattr(tenure, name)) for name in ("since", "until")}
    moved = "/until" if "until" in new else "/since"
    held = periods.presence(**dates, attested_on=tenure.attested_on, at=moved)
    await origins.check_begun(session, caller, held)
    row = await _write(
        session,
        update(Tenure)
        .where(Tenure.id == tenure.id)
        .values(**new, **ranges(held), version=Tenure.version + 1)
        .returning(*Tenure.__table__.c),
    )
    await telling.tell_tenures(session, [row])
    await note(session, caller, "tenure.change", str(tenure.id), row["version"])


async def _check_free(session: AsyncSession, wanted: OfficeIn, whole: str) -> None:
    """Raise where the owner has the office, or parts of it and the whole would be another."""
    taken = exists().where(
        Office.kind == wanted.kind,
        Office.municipality.is_not_distinct_from(wanted.municipality),
        Office.institution.is_not_distinct_from(wanted.institution),
    )
    if wanted.part is not None:
        taken = exists().where(Office.code.in_([whole, f"{whole}-{wanted.part}"]))
    if await session.scalar(select(taken)):
        raise OfficeTakenError(errors=(FieldError("/part", OfficeTakenError.code),))


def _named(names: Mapping[Any, str]) -> dict[str, Any]:
    return {"names": dict(names), "words": findable(names.values(), LONGEST_WORDS)}


async def cite_act(
    session: AsyncSession, caller: Caller, frame: Frame, owner: OfficeIn | Record, act: ActIn
) -> Citation:
    """Keep an act of the municipality or institution of an office, and return how to cite it."""
    municipality, institution = owner.municipality, owner.institution
    if municipality is not None:
        names = frame.names_of(municipality)
    else:
        found = select(Institution.names).where(Institution.code == institution)
        names = await session.scalar(found) or {"en": str(institution)}
    issuer = label(names, act.language)[0]
    code, made_up = str(municipality or institution), await is_made_up(session, caller)
    return await record_act(session, code, issuer, act, is_made_up=made_up)


def _ended(cited: Citation) -> dict[str, str]:
    return {"until_source": cited.source, "until_locator": cited.locator}


async def _write(session: AsyncSession, statement: Any) -> Mapping[Any, Any]:
    """Return the tenure as written; Postgres itself keeps two certain ones apart."""
    try:
        written = await session.execute(statement)
    except DBAPIError as error:
        if sqlstate(error) == _EXCLUDED:
            raise TenureOverlapError(errors=(FieldError("/since", "tenure_overlap"),)) from None
        raise
    return written.one()._mapping  # noqa: SLF001


async def note(
    session: AsyncSession, caller: Caller, action: str, subject_id: str, version: int
) -> None:
    """Leave behind a change the event and the audit row of it."""
    kind = action.partition(".")[0]
    await outbox.emit(session, f"registry.{action}", subject_id, version)
    await audit.record(
        session, caller.principal, action=action, subject_type=kind, subject_id=subject_id
    )
