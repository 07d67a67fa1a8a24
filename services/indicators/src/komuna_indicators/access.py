"""Who may call what: the callers of this service, by the roles that registry gave them."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared.access import Caller, Principal, requires
from komuna_shared.database import Reader, Session
from komuna_shared.errors import ForbiddenError
from komuna_shared.follower import load_caller
from komuna_shared.formats import Media
from komuna_shared.imports import IMPORT_BODY, IMPORT_MEDIA

LARGEST_WORKBOOK = 1024 * 1024
"""A form of a thousand cells is 60 kB; whatever is larger is something else."""

EDITORS = frozenset({"analyst", "coordinator", "ops"})
"""Who may bring in figures and definitions; each import checks it again for its collection."""


async def load_importer(
    session: Session,
    principal: Annotated[
        Principal, requires("indicators.imports.write", body=IMPORT_BODY, media=IMPORT_MEDIA)
    ],
) -> Caller:
    """Return the caller with the roles held now."""
    return await load_caller(session, principal)


async def load_exporter(
    session: Session, principal: Annotated[Principal, requires("indicators.exports.write")]
) -> Caller:
    """Return whoever may take out whole tables."""
    return await load_caller(session, principal)


async def read_submission_reader(
    connection: Reader, principal: Annotated[Principal, requires("indicators.submissions.read")]
) -> Caller:
    """Return whoever may read reports, with the roles that say which."""
    return await _person(connection, principal)


async def read_submission_writer(
    session: Session,
    principal: Annotated[Principal, requires("indicators.submissions.write")],
) -> Caller:
    """Return whoever may send reports, with the municipalities they report for."""
    return await _person(session, principal)


async def read_file_writer(
    session: Session,
    principal: Annotated[
        Principal,
        requires("indicators.submissions.write", body=LARGEST_WORKBOOK, media=(Media.XLSX.value,)),
    ],
) -> Caller:
    """Return whoever may send reports as workbooks, with the municipalities they report for."""
    return await _person(session, principal)


async def read_decider(
    session: Session, principal: Annotated[Principal, requires("indicators.decisions.write")]
) -> Caller:
    """Return whoever may decide about reports."""
    return await _person(session, principal)


async def read_releaser(
    session: Session, principal: Annotated[Principal, requires("indicators.releases.write")]
) -> Caller:
    """Return whoever may make figures public."""
    return await _person(session, principal)


async def read_task_reader(
    connection: Reader, principal: Annotated[Principal, requires("indicators.me.read")]
) -> Caller:
    """Return whoever asks what waits for them."""
    return await load_caller(connection, principal)


async def _person(connection: AsyncConnection | AsyncSession, principal: Principal) -> Caller:
    # A report has a person behind it who answers for it, and so has every decision.
    if principal.is_service:
        raise ForbiddenError
    return await load_caller(connection, principal)


TaskReader = Annotated[Caller, Depends(read_task_reader)]
Importer = Annotated[Caller, Depends(load_importer)]
SubmissionReader = Annotated[Caller, Depends(read_submission_reader)]
FileWriter = Annotated[Caller, Depends(read_file_writer)]
SubmissionWriter = Annotated[Caller, Depends(read_submission_writer)]
Decider = Annotated[Caller, Depends(read_decider)]
Releaser = Annotated[Caller, Depends(read_releaser)]
