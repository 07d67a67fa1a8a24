"""What changes institutions: each by an act, recorded and told in the same transaction."""

from collections.abc import Mapping

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry import periods
from komuna_registry.citations import Citation
from komuna_registry.history.acting import acting
from komuna_registry.keeping import works_for_all
from komuna_registry.labels import labelled
from komuna_registry.made_up import check_same_origin, is_made_up
from komuna_registry.names import merge_names
from komuna_registry.naming import findable
from komuna_registry.secrecy import check_words
from komuna_registry.sources.acts import record_act
from komuna_registry.tables import ranges
from komuna_shared import audit, outbox
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.errors import FieldError, ForbiddenError

from . import closing
from .inputs import ClosureIn, InstitutionChangeIn
from .models import Institution, InstitutionName, InstitutionSuccession
from .rules import (
    InstitutionClosedError,
    InstitutionNotFoundError,
    MembersSeenLaterError,
    NameForm,
    OwnSuccessorError,
    SuccessorNotFoundError,
)
from .telling import tell_changed


async def open_institution(session: AsyncSession, caller: Caller, code: str) -> Record:
    """Return an institution for whoever keeps the register, held until the transaction ends."""
    if not works_for_all(caller):
        raise ForbiddenError
    table = Institution.__table__
    found = await session.execute(select(table).where(table.c.code == code).with_for_update())
    row = found.one_or_none()
    if row is None:
        raise InstitutionNotFoundError
    await check_same_origin(session, caller, row.source)
    await acting(session, caller.principal)
    return row


async def change_names(
    session: AsyncSession, caller: Caller, row: Record, wanted: InstitutionChangeIn
) -> None:
    """Rename an institution that was opened, or correct a name of it."""
    names = merge_names(row.names, wanted.names)
    changed = {one for one in {*row.names, *names} if names.get(one) != row.names.get(one)}
    if not changed:
        return
    said = {f"/names/{one}": names[one] for one in sorted(changed & set(names))}
    await check_words(session, row.code, said | {"/act/title": wanted.act.title})
    cited = await _cite(session, caller, row, wanted)
    for language in sorted(changed):
        await _end_name(session, row, language, wanted.renamed_on)
        if language in names:
            await _begin_name(session, row.code, (language, names[language]), wanted, cited)
    words = findable(names.values(), 1000)
    await session.execute(
        update(Institution).where(Institution.code == row.code).values(names=names, words=words)
    )
    await _note(session, caller, row.code, "institution.rename")


async def close_institution(
    session: AsyncSession, caller: Caller, code: str, wanted: ClosureIn
) -> str:
    """End an institution and every membership of it and in it, and return its code."""
    row = await open_institution(session, caller, code)
    if row.valid_until is not None:
        raise InstitutionClosedError
    held = periods.presence(row.valid_from, wanted.closed_on, at="/closed_on")
    memberships = await closing.find_memberships(session, [code])
    if not all(closing.can_end(one, wanted.closed_on) for one in memberships):
        raise MembersSeenLaterError
    await check_words(session, code, {"/act/title": wanted.act.title})
    cited = await _cite(session, caller, row, wanted)
    await session.execute(
        update(Institution)
        .where(Institution.code == code)
        .values(
            valid_until=wanted.closed_on,
            until_source=cited.source,
            until_locator=cited.locator,
            **ranges(held),
        )
    )
    await closing.close_memberships(session, [code])
    if wanted.successor is not None:
        await _succeed(session, code, wanted, cited)
    await _note(session, caller, code, "institution.close")
    return code


async def _succeed(session: AsyncSession, code: str, wanted: ClosureIn, cited: Citation) -> None:
    successor = str(wanted.successor)
    if successor == code:
        raise OwnSuccessorError(errors=(FieldError("/successor", OwnSuccessorError.code),))
    if await session.get(Institution, successor) is None:
        error = FieldError("/successor", SuccessorNotFoundError.code)
        raise SuccessorNotFoundError(errors=(error,))
    taken = insert(InstitutionSuccession).values(
        predecessor=code,
        successor=successor,
        happened_on=wanted.closed_on,
        **cited.model_dump(),
    )
    await session.execute(taken.on_conflict_do_nothing())
    await tell_changed(session, [successor])


async def _cite(
    session: AsyncSession, caller: Caller, row: Record, wanted: InstitutionChangeIn | ClosureIn
) -> Citation:
    named: Mapping[str, str] = row.names
    issuer = labelled(named, "sq")["label"]
    made_up = await is_made_up(session, caller)
    return await record_act(session, row.code, issuer, wanted.act, is_made_up=made_up)


async def _end_name(session: AsyncSession, row: Record, language: str, ended: str | None) -> None:
    """End the dated statement of the old name, or drop it where it was never right."""
    old = row.names.get(language)
    if old is None:
        return
    table = InstitutionName.__table__
    same = (
        (table.c.institution == row.code)
        & (table.c.language == language)
        & (table.c.form == NameForm.NAME)
        & (table.c.text == old)
    )
    if ended is None:
        await session.execute(delete(InstitutionName).where(same))
        return
    known = (await session.execute(select(table).where(same))).one_or_none()
    begun = known.valid_from if known else row.valid_from
    dates = {"valid_until": ended, **ranges(periods.presence(begun, ended, at="/renamed_on"))}
    if known is not None:
        await session.execute(update(InstitutionName).where(same).values(dates))
        return
    said = {"institution": row.code, "language": language, "form": NameForm.NAME, "text": old}
    told = {"valid_from": begun, "source": row.source, "locator": row.locator}
    await session.execute(
        insert(InstitutionName).values({**said, "words": findable([old], 500), **dates, **told})
    )


async def _begin_name(
    session: AsyncSession,
    code: str,
    named: tuple[str, str],
    wanted: InstitutionChangeIn,
    cited: Citation,
) -> None:
    language, text = named
    begun = {
        "valid_from": wanted.renamed_on,
        "valid_until": None,
        **ranges(periods.presence(wanted.renamed_on, None)),
        **cited.model_dump(),
    }
    new = {
        "institution": code,
        "language": language,
        "form": NameForm.NAME,
        "text": text,
        "words": findable([text], 500),
    }
    written = insert(InstitutionName).values({**new, **begun})
    keys = ("institution", "language", "form", "text")
    await session.execute(written.on_conflict_do_update(index_elements=keys, set_=begun))


async def _note(session: AsyncSession, caller: Caller, code: str, action: str) -> None:
    [said] = await tell_changed(session, [code])
    await outbox.emit(session, f"registry.{action}", code, said.row.version)
    await audit.record(
        session, caller.principal, action=action, subject_type="institution", subject_id=code
    )
