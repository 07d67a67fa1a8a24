"""What corrects who is said to hold offices: by an act, for whoever keeps all of theirs."""

from typing import Any

from sqlalchemy import delete, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.history.acting import acting
from komuna_registry.institutions.models import Institution
from komuna_registry.keeping import NotYoursError, check_may_keep_one, works_for_all
from komuna_registry.made_up import check_same_origin
from komuna_registry.municipalities.frame import Frame
from komuna_registry.naming import findable
from komuna_registry.sources.acts import is_act
from komuna_shared.access import Caller
from komuna_shared.database import Record

from . import holders, telling
from .inputs import HolderChangeIn
from .models import LONGEST_NAME_WORDS, Holder, Tenure
from .operations import cite_act, note
from .rules import HolderNamedError, HolderStatedError, HolderUnnamedError, StatedByDocumentError


async def open_holder(session: AsyncSession, caller: Caller, code: str) -> Record:
    """Return a holder for whoever keeps every office of theirs, held until the transaction ends.

    Whom a body names, or nothing, is for whoever works for all.
    """
    holder = await holders.get_holder(session, code, is_changing=True)
    offices = await holders.list_offices_of(session, code)
    is_elsewhere = not offices or await holders.find_bodies_of(session, code)
    if is_elsewhere and not works_for_all(caller):
        raise NotYoursError
    for one in offices:
        check_may_keep_one(caller, municipality=one.municipality, institution=one.institution)
    await check_same_origin(session, caller, holder.source)
    await acting(session, caller.principal)
    return holder


async def change_holder(
    session: AsyncSession, caller: Caller, frame: Frame, holder: Record, wanted: HolderChangeIn
) -> None:
    """Correct the name of a holder that was opened, or what is said of them."""
    sent = wanted.model_dump(exclude={"act"}, exclude_unset=True)
    new = {name: value for name, value in sent.items() if value != getattr(holder, name)}
    # Somebody has a name: null says nothing of it.
    new = {name: value for name, value in new.items() if value is not None or name != "name"}
    if not new:
        return
    if not is_act(holder.source) and not works_for_all(caller):
        raise HolderStatedError
    owner = await _find_owner(session, holder.code)
    cited = await cite_act(session, caller, frame, owner, wanted.act)
    changed: dict[str, Any] = dict(new)
    for said in new.keys() & {"sex", "community"}:
        at = cited if new[said] is not None else None
        changed |= {f"{said}_source": at and at.source, f"{said}_locator": at and at.locator}
    if "name" in new:
        changed |= {"words": findable([new["name"]], LONGEST_NAME_WORDS), **cited.model_dump()}
    written = await session.execute(
        update(Holder)
        .where(Holder.code == holder.code)
        .values(**changed, version=Holder.version + 1)
        .returning(*Holder.__table__.c)
    )
    row = written.one()._mapping  # noqa: SLF001  The documented name of a row's mapping.
    await telling.tell_holders(session, [row])
    await note(session, caller, "holder.change", holder.code, row["version"])


async def cancel_tenure(session: AsyncSession, caller: Caller, tenure: Record) -> None:
    """Take back a tenure that was never true, with a holder whom nothing names then."""
    if not is_act(tenure.source):
        raise StatedByDocumentError
    await session.execute(delete(Tenure).where(Tenure.id == tenure.id))
    await telling.tell_tenure_gone(session, tenure._mapping)  # noqa: SLF001
    await holders.drop_unnamed(session, tenure.holder)
    await note(session, caller, "tenure.cancel", str(tenure.id), tenure.version + 1)


async def remove_holder(session: AsyncSession, caller: Caller, holder: Record) -> None:
    """Remove a holder that was opened and whom nothing names."""
    if not await holders.drop_unnamed(session, holder.code):
        raise HolderNamedError
    await note(session, caller, "holder.remove", holder.code, holder.version + 1)


async def _find_owner(session: AsyncSession, code: str) -> Record:
    """Return whose act it is that corrects a holder: of the last office, or of a body."""
    offices = await holders.list_offices_of(session, code)
    if offices:
        return offices[0]
    bodies = await holders.find_bodies_of(session, code)
    if not bodies:
        raise HolderUnnamedError
    table = Institution.__table__
    body = select(null().label("municipality"), table.c.code.label("institution"))
    return (await session.execute(body.where(table.c.code == bodies[0]))).one()
