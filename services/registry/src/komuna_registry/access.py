"""Who is calling the registry, and in which roles."""

from typing import Annotated

from fastapi import Depends

from komuna_registry.accounts.queries import load_caller
from komuna_registry.accounts.rules import Role
from komuna_registry.keeping import works_for_all
from komuna_shared.access import Caller, Principal, requires
from komuna_shared.database import Reader, Session
from komuna_shared.errors import ForbiddenError
from komuna_shared.imports import IMPORT_BODY, IMPORT_MEDIA

CHANGES = ("application/json", "application/merge-patch+json")


async def read_self(
    connection: Reader, principal: Annotated[Principal, requires("registry.me.read")]
) -> Caller:
    """Return whoever asks about themselves."""
    return await load_caller(connection, principal)


async def read_assignment_reader(
    connection: Reader, principal: Annotated[Principal, requires("registry.assignments.read")]
) -> Caller:
    """Return whoever may read assignments, with the roles that say which."""
    return await load_caller(connection, principal)


async def read_assignment_writer(
    session: Session, principal: Annotated[Principal, requires("registry.assignments.write")]
) -> Caller:
    """Return whoever may grant and revoke, with the roles that say what."""
    return await load_caller(session, principal)


async def read_lender(
    session: Session, principal: Annotated[Principal, requires("registry.delegations.write")]
) -> Caller:
    """Return whoever may lend the roles that they hold."""
    return await load_caller(session, principal)


async def read_importer(
    session: Session,
    principal: Annotated[
        Principal, requires("registry.imports.write", body=IMPORT_BODY, media=IMPORT_MEDIA)
    ],
) -> Caller:
    """Return whoever may bring in files, with the roles that say which collections."""
    return await load_caller(session, principal)


async def read_exporter(
    session: Session, principal: Annotated[Principal, requires("registry.exports.write")]
) -> Caller:
    """Return whoever may take out whole collections."""
    return await load_caller(session, principal)


async def read_notice_reader(
    connection: Reader, principal: Annotated[Principal, requires("registry.notices.read")]
) -> Caller:
    """Return whoever runs Komuna and may see which letters left; raise for anybody else."""
    caller = await load_caller(connection, principal)
    if not caller.has(Role.OPS):
        raise ForbiddenError
    return caller


async def read_institution_writer(
    session: Session,
    principal: Annotated[Principal, requires("registry.institutions.write", media=CHANGES)],
) -> Caller:
    """Return whoever may keep institutions, with the roles that say whether for all."""
    return await load_caller(session, principal)


async def read_contact_reader(
    connection: Reader, principal: Annotated[Principal, requires("registry.contacts.read")]
) -> Caller:
    """Return whoever acts for some institution or municipality; raise for anybody else."""
    return _with_a_role(await load_caller(connection, principal))


async def read_contact_writer(
    session: Session,
    principal: Annotated[Principal, requires("registry.contacts.write", media=CHANGES)],
) -> Caller:
    """Return whoever may keep contacts, with the roles that say whose."""
    return _with_a_role(await load_caller(session, principal))


async def read_office_writer(
    session: Session,
    principal: Annotated[Principal, requires("registry.offices.write", media=CHANGES)],
) -> Caller:
    """Return whoever may keep offices, with the roles that say whose."""
    return await load_caller(session, principal)


async def read_facility_writer(
    session: Session,
    principal: Annotated[Principal, requires("registry.facilities.write", media=CHANGES)],
) -> Caller:
    """Return whoever may keep buildings and their surveys, with the roles that say whose."""
    return await load_caller(session, principal)


async def read_activity_writer(
    session: Session,
    principal: Annotated[Principal, requires("registry.activities.write", media=CHANGES)],
) -> Caller:
    """Return whoever may keep activities, with the roles that say whose."""
    return await load_caller(session, principal)


def _with_a_role(caller: Caller) -> Caller:
    if not caller.roles:
        raise ForbiddenError
    return caller


async def read_notice_writer(
    session: Session, principal: Annotated[Principal, requires("registry.notices.write")]
) -> Caller:
    """Return whoever may write to municipalities; raise for anybody else."""
    caller = await load_caller(session, principal)
    if not works_for_all(caller):
        raise ForbiddenError
    return caller


async def read_notice_keeper(
    connection: Reader, principal: Annotated[Principal, requires("registry.notices.read")]
) -> Caller:
    """Return whoever may see notices to municipalities, with the roles that say which."""
    return await load_caller(connection, principal)


async def read_notice_answerer(
    session: Session, principal: Annotated[Principal, requires("registry.notices.answer")]
) -> Caller:
    """Return whoever may acknowledge and answer, with the roles that say for whom."""
    return await load_caller(session, principal)


Self = Annotated[Caller, Depends(read_self)]
AssignmentReader = Annotated[Caller, Depends(read_assignment_reader)]
AssignmentWriter = Annotated[Caller, Depends(read_assignment_writer)]
Lender = Annotated[Caller, Depends(read_lender)]
Importer = Annotated[Caller, Depends(read_importer)]
FacilityWriter = Annotated[Caller, Depends(read_facility_writer)]
ActivityWriter = Annotated[Caller, Depends(read_activity_writer)]
ContactReader = Annotated[Caller, Depends(read_contact_reader)]
ContactWriter = Annotated[Caller, Depends(read_contact_writer)]
Exporter = Annotated[Caller, Depends(read_exporter)]
InstitutionWriter = Annotated[Caller, Depends(read_institution_writer)]
OfficeWriter = Annotated[Caller, Depends(read_office_writer)]
NoticeReader = Annotated[Caller, Depends(read_notice_reader)]
NoticeWriter = Annotated[Caller, Depends(read_notice_writer)]
NoticeKeeper = Annotated[Caller, Depends(read_notice_keeper)]
NoticeAnswerer = Annotated[Caller, Depends(read_notice_answerer)]
NoticeSender = Annotated[Principal, requires("service.notices.write")]
LicenceAsker = requires("service.directory.read")
